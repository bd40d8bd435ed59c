package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * The part of an operation that Netty sees: a complete {@link ChannelPromise}, whose listeners work and which can
 * be waited for, although it is used for one write after another.
 */
abstract class ReusablePromise extends ChannelOperation implements ChannelPromise {
    /*
     * What makes reuse safe, each rule with the touch it guards against (a handler that kept the promise):
     *
     * R1 The library owns the outermost frame of the write. A completion inside it is recorded, and published
     *    when the frame has returned: nobody inspects the promise after it was recycled. (WriteOperation)
     * R2 unvoid(), which handlers call that keep a promise, answers a fresh forwarding promise.
     * R3 A listener added to the promise itself retires it: it is not used for another write.
     * R4 So does any failure, since it may be reported twice.
     * R5 Netty cannot cancel it. A caller that gives up retires it.
     * R6 Between two writes it is done, so that late listeners run at once and late completions are refused.
     * R7 Listeners run before the waiter, in the thread that completes, each on its own.
     * R8 Completions outside the frame, and failures, are published by a task of their own: neither a flush loop
     *    nor a loop that fails many promises is re-entered.
     * R9 What is still pending when the handler is gone is failed then, for who awaits it. (ValueTaskHandler) Netty, which may
     *    have it still, is not told: to its handlers it is pending until they complete it. One that is done already is
     *    dropped by some, with its message.
     * R10 The executor is looked up each time: a channel can be registered with another loop.
     *
     * R11 A handler may keep the promise without any of these calls, and look at it later. Which handlers do is not seen,
     *    but which may: a write that passes one is retired before. (WritePath)
     */

    private static final VarHandle LISTENERS = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "listeners", VarHandle.class, ReusablePromise.class, PromiseListeners.class);
    private static final VarHandle GIVEN_UP = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "givenUp", VarHandle.class, ReusablePromise.class, boolean.class);

    /** Any thread, by CAS from null; a write with listeners is retired. */
    private volatile @Nullable PromiseListeners listeners;

    /** Set on the executor; taken by CAS, by any thread. A write that was given up is retired. */
    @SuppressWarnings("unused")
    private volatile boolean givenUp;

    ReusablePromise(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    /** Records a success; false if the promise is done. Any thread. */
    abstract boolean succeedOnce();

    /** Records a failure; false if the promise is done. Any thread. */
    abstract boolean failOnce(Throwable cause);

    /** R9. */
    final void giveUp(Throwable cause) {
        retire();
        GIVEN_UP.setVolatile(this, true);
        if (!failOnce(cause)) {
            givenUp = false; // Netty was first, and may have found it given up
            notifyListeners();
        }
    }

    /** To Netty it is not done. */
    final boolean isGivenUp() {
        return givenUp;
    }

    /** For who completes it, and does not know that it was given up. */
    private boolean takeGivenUp() {
        boolean taken = givenUp && GIVEN_UP.compareAndSet(this, true, false);
        if (taken) {
            notifyListeners();
        }
        return taken;
    }

    // Listeners, from any thread

    private void addOrNotify(GenericFutureListener<? extends Future<? super Void>> listener) {
        retire(); // R3
        PromiseListeners all = listeners;
        if (all == null) {
            LISTENERS.compareAndSet(this, null, new PromiseListeners());
            all = requireNonNull(listeners);
        }
        all.push(listener);
        // The push and the completion are both CASes: whoever comes second finds the other. See LateListenerStress.
        if (isDone()) {
            all.notifyAll(this);
        }
    }

    private void forget(GenericFutureListener<? extends Future<? super Void>> listener) {
        PromiseListeners all = listeners;
        if (all != null) {
            all.remove(listener);
        }
    }

    /** For whoever has completed it. */
    final void notifyListeners() {
        PromiseListeners all = listeners;
        if (all != null && !givenUp) {
            all.notifyAll(this);
        }
    }

    @Override
    public final Channel channel() {
        return handler.nettyChannel();
    }

    @Override
    public final boolean isVoid() {
        return false;
    }

    /** R2. */
    @Override
    public final ChannelPromise unvoid() {
        return new ForwardingPromise(this);
    }

    @Override
    public final boolean trySuccess() {
        return succeedOnce() || takeGivenUp();
    }

    @Override
    public final boolean trySuccess(@Nullable Void unused) {
        return trySuccess();
    }

    @Override
    public final ChannelPromise setSuccess() {
        return setSuccess(null);
    }

    @Override
    public final ChannelPromise setSuccess(@Nullable Void unused) {
        if (!trySuccess()) {
            throw new IllegalStateException("this write is complete already: " + this);
        }
        return this;
    }

    @Override
    public final boolean tryFailure(Throwable cause) {
        return failOnce(cause) || takeGivenUp();
    }

    @Override
    public final ChannelPromise setFailure(Throwable cause) {
        if (!tryFailure(cause)) {
            throw new IllegalStateException("this write is complete already: " + this, cause);
        }
        return this;
    }

    /** R5. */
    @Override
    public final boolean cancel(boolean mayInterruptIfRunning) {
        return false;
    }

    @Override
    public final boolean isCancellable() {
        return false;
    }

    @Override
    public final boolean isCancelled() {
        return false;
    }

    @Override
    public final boolean setUncancellable() {
        return true;
    }

    @Override
    public final ChannelPromise addListener(GenericFutureListener<? extends Future<? super Void>> listener) {
        addOrNotify(listener);
        return this;
    }

    @Override
    @SafeVarargs
    public final ChannelPromise addListeners(
            GenericFutureListener<? extends Future<? super Void>>... listeners) {
        for (GenericFutureListener<? extends Future<? super Void>> listener : listeners) {
            addOrNotify(listener);
        }
        return this;
    }

    @Override
    public final ChannelPromise removeListener(
            GenericFutureListener<? extends Future<? super Void>> listener) {
        forget(listener);
        return this;
    }

    @Override
    @SafeVarargs
    public final ChannelPromise removeListeners(
            GenericFutureListener<? extends Future<? super Void>>... listeners) {
        for (GenericFutureListener<? extends Future<? super Void>> listener : listeners) {
            forget(listener);
        }
        return this;
    }

    // Waiting for the promise itself, which only foreign handlers would do, goes through an ordinary one.

    private ChannelPromise mirror() {
        DefaultChannelPromise mirror = new DefaultChannelPromise(channel(), handler.executor());
        addOrNotify((ChannelFuture done) -> {
            if (done.isSuccess()) {
                mirror.trySuccess();
            } else {
                mirror.tryFailure(done.cause());
            }
        });
        return mirror;
    }

    @Override
    public final ChannelPromise await() throws InterruptedException {
        mirror().await();
        return this;
    }

    @Override
    public final boolean await(long timeout, TimeUnit unit) throws InterruptedException {
        return mirror().await(timeout, unit);
    }

    @Override
    public final boolean await(long timeoutMillis) throws InterruptedException {
        return mirror().await(timeoutMillis);
    }

    @Override
    public final ChannelPromise awaitUninterruptibly() {
        mirror().awaitUninterruptibly();
        return this;
    }

    @Override
    public final boolean awaitUninterruptibly(long timeout, TimeUnit unit) {
        return mirror().awaitUninterruptibly(timeout, unit);
    }

    @Override
    public final boolean awaitUninterruptibly(long timeoutMillis) {
        return mirror().awaitUninterruptibly(timeoutMillis);
    }

    @Override
    public final ChannelPromise sync() throws InterruptedException {
        mirror().sync();
        return this;
    }

    @Override
    public final ChannelPromise syncUninterruptibly() {
        mirror().syncUninterruptibly();
        return this;
    }

    @Override
    public final @Nullable Void get() throws InterruptedException, ExecutionException {
        return mirror().get();
    }

    @Override
    public final @Nullable Void get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        return mirror().get(timeout, unit);
    }

    @Override
    public final @Nullable Void getNow() {
        return null;
    }

    /** R2: an ordinary promise for a handler that keeps one; it tells the operation that asked for it. */
    private static final class ForwardingPromise extends DefaultChannelPromise {
        private final ReusablePromise target;
        private final long token;

        ForwardingPromise(ReusablePromise target) {
            super(target.channel(), target.handler.executor());
            this.target = target;
            token = target.token();
        }

        private boolean isCurrent() {
            return target.token() == token;
        }

        @Override
        public boolean trySuccess(Void unused) {
            return super.trySuccess(null) && forwardSuccess();
        }

        @Override
        public boolean trySuccess() {
            return trySuccess(null);
        }

        @Override
        public ChannelPromise setSuccess(Void unused) {
            super.setSuccess(null);
            forwardSuccess();
            return this;
        }

        @Override
        public ChannelPromise setSuccess() {
            return setSuccess(null);
        }

        @Override
        public boolean tryFailure(Throwable cause) {
            return super.tryFailure(cause) && forwardFailure(cause);
        }

        @Override
        public ChannelPromise setFailure(Throwable cause) {
            super.setFailure(cause);
            forwardFailure(cause);
            return this;
        }

        /** A write that was handed to the library is not cancelled behind its back. */
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            return false;
        }

        private boolean forwardSuccess() {
            if (isCurrent()) {
                target.succeedOnce();
            }
            return true;
        }

        private boolean forwardFailure(Throwable cause) {
            if (isCurrent()) {
                target.failOnce(cause);
            }
            return true;
        }
    }
}
