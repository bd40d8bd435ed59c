package io.valuetask.netty;

import io.valuetask.ValueTaskSourceStatus;
import java.lang.invoke.VarHandle;
import java.util.concurrent.RejectedExecutionException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.lang.invoke.MethodHandles.lookup;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * The event loop is gone, and with it the task of a write: who finds out rejects the write, while its caller cancels
 * it. Whoever of the two drops it, its message is released once.
 *
 * <p>Results: what the canceller was told; what became of the operation, and of the message.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t WriteRejectStress"</pre>
 */
public class WriteRejectStress {
    private WriteRejectStress() {}

    @JCStressTest
    @Outcome(id = "cancelled, CANCELED, released", expect = ACCEPTABLE, desc = "the canceller was first to end it")
    @Outcome(id = "too late, FAULTED, released", expect = ACCEPTABLE, desc = "the rejecter was")
    @Outcome(id = ".*, PENDING, .*", expect = FORBIDDEN, desc = "nobody ended it")
    @Outcome(expect = FORBIDDEN, desc = "leaked, or released twice")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>();
        private final CountedMessage message = new CountedMessage();
        private final WriteOperation write = channel.outbound().write(message, true, false);
        private final long token = write.token();

        @Actor
        public void rejecter() {
            write.reject(new RejectedExecutionException());
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r1 = write.cancel(token) ? "cancelled" : "too late";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = write.getStatus(token);
            r.r3 = message.fate(null);
        }
    }

    /**
     * Removed: the rejecter releases the message, whoever has dropped the write. Here it does so if it was itself.
     *
     * <p>Goes wrong: the canceller has dropped it, and leaves the message to a task that is never going to run.
     */
    @JCStressTest
    @Outcome(id = "cancelled, CANCELED, released", expect = ACCEPTABLE, desc = "the canceller was first to end it, the rejecter to drop it")
    @Outcome(id = "too late, FAULTED, released", expect = ACCEPTABLE, desc = "the rejecter was first")
    @Outcome(id = "cancelled, CANCELED, leaked", expect = ACCEPTABLE_INTERESTING, desc = "canceller drops it -> rejecter finds it dropped: nobody releases")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenOnlyWhoDrops {
        private static final VarHandle POSTED = fieldVarHandle(lookup(), "posted", VarHandle.class,
                BrokenOnlyWhoDrops.class, boolean.class);
        private static final VarHandle STATUS = fieldVarHandle(lookup(), "status", VarHandle.class,
                BrokenOnlyWhoDrops.class, ValueTaskSourceStatus.class);

        @SuppressWarnings("unused")
        private volatile boolean posted = true;
        private volatile ValueTaskSourceStatus status = ValueTaskSourceStatus.PENDING;
        private boolean released;

        @Actor
        public void rejecter() {
            if (POSTED.compareAndSet(this, true, false)) {
                released = true;
                STATUS.compareAndSet(this, ValueTaskSourceStatus.PENDING, ValueTaskSourceStatus.FAULTED);
            }
        }

        @Actor
        public void canceller(LLL_Result r) {
            boolean won = STATUS.compareAndSet(this, ValueTaskSourceStatus.PENDING,
                    ValueTaskSourceStatus.CANCELED);
            if (won) {
                POSTED.compareAndSet(this, true, false);
            }
            r.r1 = won ? "cancelled" : "too late";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = status;
            r.r3 = released ? "released" : "leaked";
        }
    }
}
