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
 * Two consumers present the same token: one gets the value and finds the source free, the other is refused, and
 * its refusal neither frees the source nor touches the operation that the winner starts next.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TwoConsumersStress"</pre>
 */
public class TwoConsumersStress {
    private TwoConsumersStress() {}

    @JCStressTest
    @Outcome(id = "value, misuse, armed once", expect = ACCEPTABLE, desc = "A wins")
    @Outcome(id = "misuse, value, armed once", expect = ACCEPTABLE, desc = "B wins")
    @Outcome(id = "value, value, .*", expect = FORBIDDEN, desc = "one result, taken twice")
    @Outcome(expect = FORBIDDEN, desc = "nobody got the value, or the source is not exactly one step on")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();

        public Actual() {
            source.complete(token, "value");
        }

        @Actor
        public void consumerA(LLL_Result r) {
            r.r1 = consumeAndArm();
        }

        @Actor
        public void consumerB(LLL_Result r) {
            r.r2 = consumeAndArm();
        }

        private Object consumeAndArm() {
            Object taken = Outcomes.take(source, token);
            if (taken != Outcomes.MISUSE && source.tryArm() != token + 1) {
                return "took the value of a source that is not free";
            }
            return taken;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            boolean pending = source.getStatus(token + 1) == ValueTaskSourceStatus.PENDING;
            r.r3 = pending && source.tryArm() < 0 ? "armed once" : source.toString();
        }
    }

    /**
     * Removed: the CAS that makes consumption a transition. The version is compared, the result read, and the
     * version moved on, each on volatile fields, one after the other.
     *
     * <p>Goes wrong: both consumers compare before either moves the version on, and both get the value.
     */
    @JCStressTest
    @Outcome(id = "value, misuse, armed once", expect = ACCEPTABLE, desc = "A -> B")
    @Outcome(id = "misuse, value, armed once", expect = ACCEPTABLE, desc = "B -> A")
    @Outcome(id = "value, value, .*", expect = ACCEPTABLE_INTERESTING, desc = "A compares -> B compares -> both take it")
    @State
    public static class BrokenCheckThenAct {
        private volatile long version = 1;
        private volatile Object result = "value";

        @Actor
        public void consumerA(LLL_Result r) {
            r.r1 = consume();
        }

        @Actor
        public void consumerB(LLL_Result r) {
            r.r2 = consume();
        }

        private Object consume() {
            if (version != 1) {
                return Outcomes.MISUSE;
            }
            Object taken = result;
            version = version + 1;
            return taken;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = version == 2 ? "armed once" : "armed twice";
        }
    }
}
