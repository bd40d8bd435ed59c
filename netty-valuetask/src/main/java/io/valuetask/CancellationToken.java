package io.valuetask;

import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The right to learn that cancellation was requested, to be handed to operations that can be given up. Counterpart of
 * .NET's {@code CancellationToken}.
 *
 * <p>A {@link CancellationTokenSource} requests; its token, of which there is one, tells. An operation takes a
 * token as its last parameter, asks {@link #isCancellationRequested()} before it begins, and registers only if it
 * is really pending. Where nobody is going to cancel, hand in {@link #NONE}.
 *
 * {@snippet :
 * ValueTask<Reply> ask(Question question, CancellationToken cancellation) {
 *     cancellation.throwIfRequested();
 *     long token = replies.arm(cancellation);
 *     send(question, token);
 *     return ValueTask.fromSource(replies, token);
 * }
 * }
 *
 * <p>Not to be mixed up with the token of a {@link ValueTask}, which is a number that names an operation.
 *
 * <p><b>Threading.</b> Any thread. <b>Ownership.</b> Refers to its source. <b>Allocation.</b> One object per source;
 * each {@link #register} creates its registration.
 */
public final class CancellationToken {
    /** The token that never fires. To register with it costs a comparison. */
    public static final CancellationToken NONE = new CancellationToken(null);

    private final @Nullable CancellationTokenSource source;

    CancellationToken(@Nullable CancellationTokenSource source) {
        this.source = source;
    }

    @Nullable
    CancellationTokenSource source() {
        return source;
    }

    /**
     * Whether the token may ever fire.
     *
     * @return false for {@link #NONE}; true for every other one, also when its source was closed
     */
    public boolean canBeCanceled() {
        return source != null;
    }

    /**
     * Whether cancellation was requested. Once true, it stays true.
     *
     * @return true if it was
     */
    public boolean isCancellationRequested() {
        return source != null && source.isCancellationRequested();
    }

    /**
     * Returns if cancellation was not requested.
     *
     * @throws CancellationException if it was
     */
    public void throwIfRequested() {
        if (isCancellationRequested()) {
            throw new CancellationException("cancellation was requested");
        }
    }

    /**
     * Has a callback called when cancellation is requested. It is called once: on the thread that requests, or here
     * and now if that has happened already. No context is captured for it. The latest one to register is called
     * first. What it throws is reported to the thread's uncaught exception handler; .NET's would reach the party
     * that cancels.
     *
     * @param <S> the type of the state
     * @param callback called with {@code state}; must return soon, since others wait to be told
     * @param state handed to the callback, so that it need not capture anything
     * @return the registration; to close it before the token fires keeps the callback from being called
     */
    public <S extends @Nullable Object> CancellationRegistration register(Consumer<? super S> callback,
            S state) {
        CancellationRegistration registration = new CancellationRegistration(callback, state);
        if (!registration.registerWith(this, 0)) {
            registration.fire(0);
        }
        return registration;
    }

    /** Tells whether cancellation was requested. */
    @Override
    public String toString() {
        return "CancellationToken[" + (source == null ? "NONE" : "requested=" + isCancellationRequested())
                + "]";
    }
}
