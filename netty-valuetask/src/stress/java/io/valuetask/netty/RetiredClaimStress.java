package io.valuetask.netty;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CancellationException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.lang.invoke.MethodHandles.lookup;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A write is cancelled, and its outcome taken, while its task still waits on the event loop. That makes its word free.
 * Who looks for an operation to use at that moment must not get this one: the task belongs to the old write.
 *
 * <p>Results: what became of the first write; whether the operation was claimed for a second one.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t RetiredClaimStress"</pre>
 */
public class RetiredClaimStress {
    private RetiredClaimStress() {}

    @JCStressTest
    @Outcome(id = "cancelled, left alone", expect = ACCEPTABLE, desc = "busy, or retired")
    @Outcome(id = "cancelled, claimed", expect = FORBIDDEN, desc = "one task for two writes")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>();
        private final WriteOperation write = channel.outbound().write(new CountedMessage(), true, false);
        private final long token = write.token();

        @Actor
        public void canceller(LL_Result r) {
            r.r1 = write.cancel(token) ? "cancelled" : "too late";
            try {
                write.getResult(token);
            } catch (CancellationException expected) {
                // The word is free.
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }

        @Actor
        public void claimer(LL_Result r) {
            r.r2 = write.tryClaim() ? "claimed" : "left alone";
        }
    }

    /**
     * Removed: the second look whether it is retired, behind the claim.
     *
     * <p>Goes wrong: it is retired, cancelled and freed between the look and the claim.
     */
    @JCStressTest
    @Outcome(id = "cancelled, left alone", expect = ACCEPTABLE, desc = "busy, or retired")
    @Outcome(id = "cancelled, claimed", expect = ACCEPTABLE_INTERESTING, desc = "claimer looks -> canceller retires, cancels, frees -> claimer claims: one task for two writes")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenOneLook {
        private static final int FREE = 0;
        private static final int BUSY = 1;
        private static final VarHandle WORD = fieldVarHandle(lookup(), "word", VarHandle.class,
                BrokenOneLook.class, int.class);

        private volatile int word = BUSY;
        private volatile boolean retired;

        @Actor
        public void canceller(LL_Result r) {
            retired = true;
            word = FREE;
            r.r1 = "cancelled";
        }

        @Actor
        public void claimer(LL_Result r) {
            r.r2 = !retired && WORD.compareAndSet(this, FREE, BUSY) ? "claimed" : "left alone";
        }
    }
}
