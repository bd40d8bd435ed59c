package io.valuetask.netty;

import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.ChannelInputShutdownReadComplete;
import io.netty.channel.socket.ChannelOutputShutdownEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * The user events that the pipeline fires, for those who ask for them. Most channels have none, and nobody asks: so what
 * holds them is made by the first event or the first reader.
 */
final class UserEvents {
    /*
     *   executor: end; queued        reader that makes it: queued; end
     *
     * Both are volatile, so that one of the two sees the other. If both do, both end the queue, for the same reason.
     * See EventEndStress, and its broken twins.
     */
    private static final VarHandle QUEUED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "queued",
            VarHandle.class, UserEvents.class, Queued.class);

    /** So many wait to be read. Whoever reads none must not pay for it. */
    static final int MOST = 16;

    private final ValueTaskHandler<?, ?> handler;

    /** By CAS from null; any thread. */
    @SuppressWarnings("unused")
    private volatile @Nullable Queued queued;
    /** Written on the executor, after the last event. */
    private volatile @Nullable InboundEnd end;
    /** Executor only. */
    private int dropped;

    UserEvents(ValueTaskHandler<?, ?> handler) {
        this.handler = handler;
    }

    private static final class Queued {
        final InboundQueue queue = new InboundQueue(MOST, Integer.MAX_VALUE);
        final ReadSource<Object> reads;

        Queued(ValueTaskHandler<?, ?> handler) {
            reads = new ReadSource<>(new NothingToAskFor(queue, handler), queue);
        }
    }

    /** Events come by themselves. */
    private static final class NothingToAskFor extends ReadPump {
        private final ValueTaskHandler<?, ?> handler;

        NothingToAskFor(InboundQueue queue, ValueTaskHandler<?, ?> handler) {
            super(queue, true);
            this.handler = handler;
        }

        @Override
        EventExecutor executor() {
            return handler.executor();
        }

        @Override
        boolean mayRequest() {
            return false;
        }

        @Override
        boolean isWanted() {
            return false;
        }

        @Override
        void request() {}
    }

    private Queued queued() {
        Queued made = queued;
        if (made != null) {
            return made;
        }
        Queued mine = new Queued(handler);
        Queued other = (Queued) QUEUED.compareAndExchange(this, (Queued) null, mine);
        return other == null ? mine : other;
    }

    /** The reads of events; any thread. */
    ReadSource<Object> reads() {
        ReadSource<Object> reads = queued().reads;
        InboundEnd reason = end;
        if (reason != null && !reads.isEnded()) {
            reads.end(reason);
        }
        return reads;
    }

    // On the executor

    /** The event stays whoever's it is; what waits here is retained. */
    void received(Object event) {
        if (end != null || isToldOtherwise(event)) {
            return;
        }
        Queued events = queued();
        if (events.queue.isFull()) {
            dropped++;
            return;
        }
        events.queue.offer(ReferenceCountUtil.retain(event), MessageSize.of(event));
        events.reads.signal();
    }

    /** By the reads and the writes. */
    private static boolean isToldOtherwise(Object event) {
        return event instanceof ChannelInputShutdownEvent || event instanceof ChannelInputShutdownReadComplete
                || event instanceof ChannelOutputShutdownEvent;
    }

    /** The channel is inactive, or the handler is gone. Any thread, where the executor is gone. */
    void end(InboundEnd reason) {
        end = reason;
        Queued events = queued;
        if (events != null) {
            events.reads.end(reason);
        }
    }

    void endAndSweep(InboundEnd reason) {
        end(reason);
        Queued events = queued;
        if (events != null) {
            events.queue.sweep(ReferenceCountUtil::safeRelease);
        }
    }

    /** For messages to people, from any thread. */
    @Override
    public String toString() {
        Queued events = queued;
        return events == null ? "" : "events=" + events.queue.size() + ", dropped=" + dropped + ", ";
    }
}
