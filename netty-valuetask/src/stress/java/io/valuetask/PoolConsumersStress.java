package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
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
 * Two consumers present the token of one rented source: one gets the value, and the source is given back once. The
 * loser gives nothing back.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PoolConsumersStress"</pre>
 */
public class PoolConsumersStress {
    private PoolConsumersStress() {}

    @JCStressTest
    @Outcome(id = "value, misuse, once", expect = ACCEPTABLE, desc = "A wins")
    @Outcome(id = "misuse, value, once", expect = ACCEPTABLE, desc = "B wins")
    @Outcome(id = ".*, twice", expect = FORBIDDEN, desc = "one source lies in two slots")
    @Outcome(expect = FORBIDDEN, desc = "both or none got the value, or the source is lost")
    @State
    public static class Actual {
        private final ValueTaskSourcePool<ManualResetValueTaskSource<String>> pool = new ValueTaskSourcePool<>(
                2,
                ManualResetValueTaskSource::new);
        private final ManualResetValueTaskSource<String> source = pool.rent();
        private final long token = source.arm();

        public Actual() {
            source.complete(token, "value");
        }

        @Actor
        public void consumerA(LLL_Result r) {
            r.r1 = Outcomes.take(source, token);
        }

        @Actor
        public void consumerB(LLL_Result r) {
            r.r2 = Outcomes.take(source, token);
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = switch (pool.idle()) {
                case 0 -> "never";
                case 1 -> "once";
                default -> "twice";
            };
        }
    }

    /**
     * Removed: the CAS that makes consumption a transition. The version is compared and then moved on, and whoever has
     * compared gives the source back.
     *
     * <p>Goes wrong: both compare before either moves the version on, and the source lies in the pool twice.
     */
    @JCStressTest
    @Outcome(id = "value, misuse, once", expect = ACCEPTABLE, desc = "A -> B")
    @Outcome(id = "misuse, value, once", expect = ACCEPTABLE, desc = "B -> A")
    @Outcome(id = "value, value, twice", expect = ACCEPTABLE_INTERESTING, desc = "A compares -> B compares -> both give it back")
    @State
    public static class BrokenCheckThenAct {
        private volatile long version = 1;
        private final AtomicInteger idle = new AtomicInteger();

        @Actor
        public void consumerA(LLL_Result r) {
            r.r1 = take();
        }

        @Actor
        public void consumerB(LLL_Result r) {
            r.r2 = take();
        }

        private Object take() {
            if (version != 1) {
                return Outcomes.MISUSE;
            }
            version = 2;
            idle.incrementAndGet();
            return "value";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = idle.get() == 1 ? "once" : "twice";
        }
    }
}
