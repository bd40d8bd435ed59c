package io.valuetask;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * Two threads start an operation on one free source: one gets the next token, the other is refused.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TwoOwnersStress"</pre>
 */
public class TwoOwnersStress {
    private TwoOwnersStress() {}

    @JCStressTest
    @Outcome(id = "2, refused, 2", expect = ACCEPTABLE, desc = "A starts it")
    @Outcome(id = "refused, 2, 2", expect = ACCEPTABLE, desc = "B starts it")
    @Outcome(id = "2, 2, .*", expect = FORBIDDEN, desc = "two operations with one token")
    @Outcome(expect = FORBIDDEN, desc = "nobody, or a token was skipped")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();

        public Actual() {
            long first = source.arm();
            source.complete(first, "value");
            Outcomes.take(source, first);
        }

        @Actor
        public void ownerA(LLL_Result r) {
            r.r1 = start();
        }

        @Actor
        public void ownerB(LLL_Result r) {
            r.r2 = start();
        }

        private Object start() {
            long token = source.tryArm();
            return token < 0 ? "refused" : token;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = source.pendingToken();
        }
    }

    /**
     * Removed: the CAS that makes the start a transition. Whether the source is free is a flag that is tested and then
     * set, and the token is counted beside it.
     *
     * <p>Goes wrong: both see it free, and two operations run on one source.
     */
    @JCStressTest
    @Outcome(id = "2, refused, 2", expect = ACCEPTABLE, desc = "A -> B")
    @Outcome(id = "refused, 2, 2", expect = ACCEPTABLE, desc = "B -> A")
    @Outcome(id = "., ., .", expect = ACCEPTABLE_INTERESTING, desc = "A tests -> B tests -> both start")
    @State
    public static class BrokenTestThenSet {
        private volatile boolean busy;
        private volatile long version = 1;

        @Actor
        public void ownerA(LLL_Result r) {
            r.r1 = start();
        }

        @Actor
        public void ownerB(LLL_Result r) {
            r.r2 = start();
        }

        private Object start() {
            if (busy) {
                return "refused";
            }
            busy = true;
            version = version + 1;
            return version;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = version;
        }
    }
}
