package io.valuetask;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A handle kept too long is asked for its status while the source goes on to the next operation: it tells of its own
 * operation or is refused, and never of the next one.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t StaleStatusStress"</pre>
 */
public class StaleStatusStress {
    private StaleStatusStress() {}

    @JCStressTest
    @Outcome(id = "canceled, CANCELED", expect = ACCEPTABLE, desc = "look -> consume")
    @Outcome(id = "canceled, misuse", expect = ACCEPTABLE, desc = "consume -> look")
    @Outcome(id = ".*, (PENDING|SUCCEEDED)", expect = FORBIDDEN, desc = "the status of the next operation")
    @Outcome(expect = FORBIDDEN, desc = "the consumer did not get what was there")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long first = source.arm();

        public Actual() {
            source.cancel(first);
        }

        @Actor
        public void consumer(LL_Result r) {
            r.r1 = Outcomes.take(source, first);
            source.complete(source.arm(), "second");
        }

        @Actor
        public void staleLooker(LL_Result r) {
            try {
                r.r2 = source.getStatus(first).toString();
            } catch (ValueTaskMisuseException refused) {
                r.r2 = Outcomes.MISUSE;
            }
        }
    }

    /**
     * Removed: one word. The version is compared, and then the state read, each from a volatile field.
     *
     * <p>Goes wrong: the next operation comes in between, and the old handle tells its status.
     */
    @JCStressTest
    @Outcome(id = "canceled, CANCELED", expect = ACCEPTABLE, desc = "look -> consume")
    @Outcome(id = "canceled, misuse", expect = ACCEPTABLE, desc = "consume -> look")
    @Outcome(id = "canceled, (PENDING|SUCCEEDED)", expect = ACCEPTABLE_INTERESTING, desc = "compare -> consume, next operation -> read")
    @State
    public static class BrokenTwoFields {
        private volatile long version = 1;
        private volatile ValueTaskSourceStatus status = ValueTaskSourceStatus.CANCELED;

        @Actor
        public void consumer(LL_Result r) {
            r.r1 = "canceled";
            version = 2;
            status = ValueTaskSourceStatus.PENDING;
            status = ValueTaskSourceStatus.SUCCEEDED;
        }

        @Actor
        public void staleLooker(LL_Result r) {
            r.r2 = version == 1 ? status.toString() : Outcomes.MISUSE;
        }
    }
}
