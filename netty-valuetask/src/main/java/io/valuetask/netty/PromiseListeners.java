package io.valuetask.netty;

import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The listeners that handlers add to a reusable promise. Hardly ever used, so a lock-free stack of nodes; made on
 * the first listener, and never emptied for reuse, since a listener retires its promise.
 */
final class PromiseListeners {
    private static final VarHandle TOP;

    static {
        try {
            TOP = MethodHandles.lookup().findVarHandle(PromiseListeners.class, "top", Node.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Any thread, by CAS and exchange. Whoever exchanges a non-null stack for null notifies it. */
    private volatile @Nullable Node top;

    private static final class Node {
        final @Nullable Node below;
        /** Cleared by a removal. Volatile: a removal may come from any thread. */
        volatile @Nullable GenericFutureListener<?> listener;

        Node(@Nullable Node below, GenericFutureListener<?> listener) {
            this.below = below;
            this.listener = listener;
        }
    }

    void push(GenericFutureListener<?> listener) {
        for (;;) {
            Node below = top;
            if (TOP.compareAndSet(this, below, new Node(below, listener))) {
                return;
            }
        }
    }

    void remove(GenericFutureListener<?> listener) {
        for (Node node = top; node != null; node = node.below) {
            if (node.listener == listener) {
                node.listener = null;
                return;
            }
        }
    }

    /** Notifies, in the order of their addition, the listeners that nobody else has notified. */
    void notifyAll(ChannelFuture future) {
        notifyFrom((Node) TOP.getAndSet(this, null), future);
    }

    private static void notifyFrom(@Nullable Node node, ChannelFuture future) {
        if (node == null) {
            return;
        }
        notifyFrom(node.below, future);
        GenericFutureListener<?> listener = node.listener;
        if (listener != null) {
            notifyOne(listener, future);
        }
    }

    @SuppressWarnings("unchecked")
    static void notifyOne(GenericFutureListener<?> listener, ChannelFuture future) {
        try {
            ((GenericFutureListener<Future<?>>) listener).operationComplete(future);
        } catch (Throwable failure) {
            System.getLogger("io.valuetask.netty").log(Level.WARNING,
                    () -> "a listener of a write threw: listener=" + listener.getClass().getName(), failure);
        }
    }
}
