package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.lang.invoke.MethodHandles.lookup;

/**
 * What stands in the list of a {@link CancellationToken}: whom to tell when cancellation is requested. Counterpart of
 * .NET's {@code CancellationTokenRegistration}, and reusable.
 *
 * <p>{@link CancellationToken#register} makes one for a callback; close it when the callback is not wanted any
 * more. An owner of a source that is used for one operation after another makes one for that source and registers
 * it for each operation that is really pending. {@link ManualResetSource#arm(CancellationToken)} does so by itself;
 * this is for sources that are written by hand:
 *
 * {@snippet :
 * private final CancellationRegistration registration = new CancellationRegistration(this);
 *
 * ValueTask<String> read(CancellationToken cancellation) {
 *     long token = startReading();
 *     if (!registration.register(cancellation, token)) {
 *         cancel(token); // requested before
 *     }
 *     return ValueTask.fromSource(this, token);
 * }
 *
 * public String getResult(long token) throws IOException {
 *     Outcome outcome = claim(token); // throws unless this caller is the one who may have it
 *     registration.close();
 *     free();
 *     return outcome.resultOrThrow();
 * }
 * }
 *
 * <p>The operation travels with the registration: a token that fires late cancels the operation it was registered
 * for, which the source knows to be over, and never the next one.
 *
 * <p>What is told and throws is reported to the thread's uncaught exception handler. It harms neither the others that
 * are told nor the party that cancels.
 *
 * <p><b>Threading.</b> One party at a time registers and closes; against a token that fires meanwhile both are
 * safe. Closing does not wait for a callback that another thread is running already, so it cannot dead-lock with
 * it; .NET's {@code Dispose} waits, its {@code Unregister} does not. <b>Ownership.</b> While registered, the
 * token's source refers to it and to whom it tells; not before, not afterwards. <b>Allocation.</b> None after its
 * creation.
 */
public final class CancellationRegistration implements AutoCloseable {
    /*
     *   FREE       -> REGISTERED   // register(): by CAS of tokenSource, with the token source's lock held
     *   REGISTERED -> FREE         // with the same lock held: the thread that fires, unregister(), or the close of the
     *                              // token source; whoever does it owns the one call that may follow
     *
     * FREE is tokenSource == null. The lock is that of the token source in question, and no thread holds two. It is a
     * CAS all the same, since two threads that register one object with two token sources hold different locks.
     */
    private static final VarHandle TOKEN_SOURCE = ConstantBootstraps.fieldVarHandle(lookup(), "tokenSource",
            VarHandle.class, CancellationRegistration.class, CancellationTokenSource.class);

    /** The source of values to be cancelled if there is no callback, else the callback's state. */
    private final @Nullable Object target;
    private final @Nullable Consumer<@Nullable Object> callback;

    /** CAS from null, volatile write back to null, see above; read without the lock to learn which lock to take. */
    private volatile @Nullable CancellationTokenSource tokenSource;

    // Guarded by the lock of tokenSource while registered. When free, nobody's: the next one to register sees what
    // the last one wrote, since it read null from tokenSource. Texts read the operation without the lock, and may
    // be wrong.
    long operation;
    @Nullable
    CancellationRegistration previous;
    @Nullable
    CancellationRegistration next;

    /**
     * Creates a registration that cancels operations of a source, one after another.
     *
     * @param source whose {@link ValueTaskSource#cancel} is called when a token fires, on the thread that requests
     *        cancellation
     */
    public CancellationRegistration(ValueTaskSource<?> source) {
        target = Objects.requireNonNull(source, "source");
        callback = null;
    }

    @SuppressWarnings("unchecked")
    CancellationRegistration(Consumer<?> callback, @Nullable Object state) {
        this.callback = (Consumer<@Nullable Object>) Objects.requireNonNull(callback, "callback");
        target = state;
    }

    /**
     * Registers for one operation: when the token fires, {@code source.cancel(operation)} is called, once. Until
     * then, or until it is closed, this object is in use.
     *
     * @param cancellation whose request cancels the operation
     * @param operation the token of the operation
     * @return true if registered, or if there is nothing to register with, as this token never fires; false if
     *         cancellation was requested before: nothing was registered, and the caller cancels
     * @throws ValueTaskMisuseException if this object is still registered, or was made for a callback; nothing has
     *         changed then
     */
    public boolean register(CancellationToken cancellation, long operation) {
        if (callback != null) {
            throw new ValueTaskMisuseException("this registration has a callback and no source: operation="
                    + operation + ", registration=" + this
                    + "; create one for the source, or register the callback anew");
        }
        return registerWith(cancellation, operation);
    }

    boolean registerWith(CancellationToken cancellation, long itsOperation) {
        CancellationTokenSource its = cancellation.source();
        if (its != null) {
            return its.add(this, itsOperation);
        }
        if (isRegistered()) {
            throw ValueTaskMisuseException.stillRegistered(this, itsOperation);
        }
        return true;
    }

    /**
     * Takes the registration back. Does not wait for a callback that is running.
     *
     * @return true if it was registered and is not told any more; false if it was told, is being told at this moment,
     *         or was not registered
     */
    public boolean unregister() {
        CancellationTokenSource its = tokenSource;
        return its != null && its.remove(this);
    }

    /** Takes the registration back, as {@link #unregister}. A source's may be registered again afterwards. */
    @Override
    public void close() {
        unregister();
    }

    // The token source's side, its lock held

    /** False if somebody is registered here already. */
    boolean claim(CancellationTokenSource claimant) {
        return TOKEN_SOURCE.compareAndSet(this, null, claimant);
    }

    void release() {
        tokenSource = null;
    }

    boolean isRegisteredWith(CancellationTokenSource asked) {
        return tokenSource == asked;
    }

    private boolean isRegistered() {
        return tokenSource != null;
    }

    // Its lock not held

    /** Tells whoever is to be told, and reports what that throws. */
    void fire(long itsOperation) {
        try {
            if (callback != null) {
                callback.accept(target);
            } else {
                sourceOf(target).cancel(itsOperation);
            }
        } catch (Throwable failure) {
            Failures.report(failure);
        }
    }

    /** The constructor saw to it. */
    @SuppressWarnings("NullAway")
    private static ValueTaskSource<?> sourceOf(@Nullable Object target) {
        return (ValueTaskSource<?>) target;
    }

    /** Tells whether it is registered, and for which operation. */
    @Override
    public String toString() {
        return "CancellationRegistration[" + (isRegistered() ? "registered" : "free")
                + (callback != null ? "" : ", operation=" + operation) + "]";
    }
}
