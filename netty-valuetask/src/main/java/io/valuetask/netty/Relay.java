package io.valuetask.netty;

import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskAwaiter;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Two channels joined in both directions, for as long as either has something to say. Used once. */
final class Relay extends ManualResetValueTaskSource<@Nullable Void> {
    /*
     * Each direction:
     *
     *   PUMPING ---end of stream---> SHUTTING the output it sent on ---> ended      any ---failure---> ended
     *
     * and one word says how the whole ends, by whoever changes it first:
     *
     *   2 -> 1 -> 0           // a direction that has ended, with a failure or without
     *   any -> any + FAILED   // a direction that has failed: closes both channels, which ends the other one; not if all
     *                         // it has met is the closed channel of a peer that has finished: what that has sent is whole,
     *                         // waits in part, and goes the other way until it is all there
     *   2, 1 -> it + STOPPED  // cancel(): stops both pumps; nobody closes a channel any more. Whoever finds then that no
     *                         // pump goes on completes, so that the channels can be read
     *
     * cancel() that finds FAILED or 0 comes too late: the channels are being closed. Without it whoever ends the second
     * direction closes both channels, and completes the operation. A channel that cannot shut down its output alone is
     * closed, as there is no other way to tell its peer, which might wait for that for ever.
     *
     * See RelayEndStress and RelayCancelStress, and their broken twins.
     */
    private static final int RUNNING = 3;
    private static final int FAILED = 4;
    private static final int STOPPED = 8;

    private static final VarHandle STATE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "state",
            VarHandle.class, Relay.class, int.class);
    private static final VarHandle PUMPING = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "pumping", VarHandle.class, Relay.class, int.class);
    private static final VarHandle FAILURE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "failure",
            VarHandle.class, Relay.class, Throwable.class);

    private static final Consumer<Direction<?>> PUMPED = Direction::pumped;
    private static final Consumer<Direction<?>> SHUT = Direction::shut;

    private final ValueTaskChannel<?, ?> left;
    private final ValueTaskChannel<?, ?> right;
    private final Direction<?> forth;
    private final Direction<?> back;
    private final long token = arm();

    /** How many directions go on, and what was decided; any thread, by atomic add, or, and CAS. */
    @SuppressWarnings("FieldMayBeFinal")
    private volatile int state = 2;
    /** The first one; any thread, by CAS from null before its direction has ended. */
    @SuppressWarnings("unused")
    private volatile @Nullable Throwable failure;
    /** How many pumps go on; by getAndAdd before the state is looked at, any thread. */
    @SuppressWarnings("FieldMayBeFinal")
    private volatile int pumping = 2;
    /** Written by a direction before it closes a channel that cannot shut down its output. */
    private volatile boolean cut;
    /** Of a direction that had nowhere to go, while the other one goes on; written before its direction has ended. */
    private volatile @Nullable Throwable nowhereToGo;

    <A, B> Relay(ValueTaskChannel<A, B> left, ValueTaskChannel<B, A> right) {
        this.left = left;
        this.right = right;
        forth = new Direction<>(left, right);
        back = new Direction<>(right, left);
    }

    /** Begins. Called once. */
    ValueTask<@Nullable Void> start() {
        forth.start();
        back.start();
        return ValueTask.fromSource(this, token);
    }

    /** One of the two. Its steps come one after another, ordered by what they wait for. */
    private final class Direction<M> {
        private final ValueTaskChannel<?, ?> out;
        private final Pump<M> pump;
        private final ValueTaskAwaiter<@Nullable Void> waiting = new ValueTaskAwaiter<>();

        Direction(ValueTaskChannel<M, ?> in, ValueTaskChannel<?, M> out) {
            this.out = out;
            pump = new Pump<>(in, out);
        }

        void start() {
            if (!waiting.onCompleted(pump.start(), PUMPED, this)) {
                pumped();
            }
        }

        private void pumped() {
            PUMPING.getAndAdd(Relay.this, -1);
            if (isStopped()) {
                completeStopped();
            }
            try {
                waiting.result();
                if (isStopped()) {
                    return;
                }
                if (!waiting.onCompleted(out.shutdownOutput(), SHUT, this)) {
                    shut();
                }
            } catch (Throwable ended) {
                if (pump.isOutEnded() && ended instanceof ClosedChannelException && out.isReadToItsEnd()) {
                    nowhereToGo = ended;
                    directionEnded(null);
                } else {
                    directionEnded(ended);
                }
            }
        }

        private void shut() {
            Throwable ended = null;
            try {
                waiting.result();
            } catch (UnsupportedOperationException noHalves) {
                cut = true;
                out.close();
            } catch (Throwable thrown) {
                ended = thrown;
            }
            directionEnded(ended);
        }
    }

    private void directionEnded(@Nullable Throwable cause) {
        boolean failed = cause != null && !(cut && cause instanceof ClosedChannelException);
        if (failed && FAILURE.compareAndSet(this, null, cause)
                && ((int) STATE.getAndBitwiseOr(this, FAILED) & STOPPED) == 0) {
            closeBoth();
        }
        int before = (int) STATE.getAndAdd(this, -1);
        if ((before & RUNNING) > 1 || (before & STOPPED) != 0) {
            return;
        }
        closeBoth();
        Throwable first = failure;
        if (first == null && !cut) {
            first = nowhereToGo;
        }
        if (first == null) {
            tryComplete(token, null);
        } else {
            tryCompleteExceptionally(token, first);
        }
    }

    private boolean isStopped() {
        return (state & STOPPED) != 0;
    }

    private void completeStopped() {
        if (pumping == 0) {
            tryCancel(token);
        }
    }

    private void closeBoth() {
        left.close();
        right.close();
    }

    @Override
    public boolean cancel(long operation) {
        if (operation != token) {
            return false;
        }
        int before;
        do {
            before = state;
            if ((before & RUNNING) == 0 || before > RUNNING) {
                return false; // decided
            }
        } while (!STATE.compareAndSet(this, before, before | STOPPED));
        forth.pump.stop();
        back.pump.stop();
        completeStopped();
        return true;
    }
}
