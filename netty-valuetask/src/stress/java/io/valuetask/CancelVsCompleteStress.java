package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * What a timed wait does: the waiter registers and then cancels its own operation, while the completer completes
 * it. One of the two ends it, the outcome is that one's, and a registered waiter is resumed once.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t CancelVsCompleteStress"</pre>
 */
public class CancelVsCompleteStress {
    private CancelVsCompleteStress() {}

    @JCStressTest
    @Outcome(id = "completed, registered, value, 1", expect = ACCEPTABLE, desc = "register -> complete -> cancel")
    @Outcome(id = "refused, registered and canceled, canceled, 1", expect = ACCEPTABLE, desc = "register -> cancel -> complete")
    @Outcome(id = "completed, too late, value, 0", expect = ACCEPTABLE, desc = "complete -> register, or it overtook it")
    @Outcome(id = "completed, .*canceled, .*", expect = FORBIDDEN, desc = "both believe to have ended it")
    @Outcome(id = "refused, registered, .*", expect = FORBIDDEN, desc = "both refused: nobody ends it")
    @Outcome(expect = FORBIDDEN, desc = "an outcome that is not the winner's, or not resumed exactly once")
    @State
    public static class Actual {
        private static final Consumer<AtomicInteger> COUNT = AtomicInteger::incrementAndGet;

        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();
        private final AtomicInteger resumed = new AtomicInteger();

        @Actor
        public void completer(LLLL_Result r) {
            r.r1 = source.tryComplete(token, "value") ? "completed" : "refused";
        }

        @Actor
        public void waiter(LLLL_Result r) {
            String answer = source.onCompleted(COUNT, resumed, token, ValueTaskSourceOnCompletedFlags.NONE)
                    ? "registered"
                    : "too late";
            r.r2 = source.cancel(token) ? answer + " and canceled" : answer;
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            r.r3 = Outcomes.take(source, token);
            r.r4 = resumed.get();
        }
    }

    /**
     * Removed: the CAS that makes completion a claim. As in .NET's core, whether the operation is complete is a
     * flag that is tested and then set.
     *
     * <p>Goes wrong: completion and cancellation both pass the test, and the waiter is resumed twice, with an
     * outcome that changes under it.
     */
    @JCStressTest
    @Outcome(id = "completed, registered, value, 1", expect = ACCEPTABLE, desc = "complete -> cancel")
    @Outcome(id = "refused, registered and canceled, canceled, 1", expect = ACCEPTABLE, desc = "cancel -> complete")
    @Outcome(id = "completed, registered and canceled, (value|canceled), 2", expect = ACCEPTABLE_INTERESTING, desc = "complete tests -> cancel tests -> both end it: resumed twice")
    @State
    public static class BrokenTestThenSet {
        private volatile boolean completed;
        private volatile Object outcome;
        private final AtomicInteger resumed = new AtomicInteger();

        @Actor
        public void completer(LLLL_Result r) {
            r.r1 = tryEnd("value") ? "completed" : "refused";
        }

        @Actor
        public void waiter(LLLL_Result r) {
            r.r2 = tryEnd(Outcomes.CANCELED) ? "registered and canceled" : "registered";
        }

        private boolean tryEnd(Object itsOutcome) {
            if (completed) {
                return false;
            }
            completed = true;
            outcome = itsOutcome;
            resumed.incrementAndGet();
            return true;
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            r.r3 = outcome;
            r.r4 = resumed.get();
        }
    }
}
