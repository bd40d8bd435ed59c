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
 * A consumer takes a result, which gives the source back, while a renter asks for one. The renter gets another source,
 * or this one and finds it free: nothing of the former operation is left in it or comes after it.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PoolReturnStress"</pre>
 */
public class PoolReturnStress {
    private PoolReturnStress() {}

    @JCStressTest
    @Outcome(id = "value, made, pending", expect = ACCEPTABLE, desc = "renter -> consumer")
    @Outcome(id = "value, pooled, pending", expect = ACCEPTABLE, desc = "consumer -> renter")
    @Outcome(id = "value, not free, .*", expect = FORBIDDEN, desc = "it was handed out before its consumer had left it")
    @Outcome(expect = FORBIDDEN, desc = "the result is lost, or the next operation is not as it was started")
    @State
    public static class Actual {
        private final ValueTaskSourcePool<ManualResetValueTaskSource<String>> pool = new ValueTaskSourcePool<>(
                1,
                ManualResetValueTaskSource::new);
        private final ManualResetValueTaskSource<String> source = pool.rent();
        private final long token = source.arm();
        private ManualResetValueTaskSource<String> rented;

        public Actual() {
            source.complete(token, "value");
        }

        @Actor
        public void consumer(LLL_Result r) {
            r.r1 = Outcomes.take(source, token);
        }

        @Actor
        public void renter(LLL_Result r) {
            rented = pool.rent();
            if (rented.tryArm() != (rented == source ? token + 1 : 1)) {
                r.r2 = "not free";
            } else {
                r.r2 = rented == source ? "pooled" : "made";
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            long current = rented == source ? token + 1 : 1;
            r.r3 = rented.getStatus(current) == ValueTaskSourceStatus.PENDING
                    && rented.tryComplete(current, "next")
                    && "next".equals(Outcomes.take(rented, current)) ? "pending" : rented.toString();
        }
    }

    /**
     * Removed: the order of freeing and giving back. The consumer puts the source into the slot and then frees it, on
     * two volatile fields.
     *
     * <p>Goes wrong: the renter gets a source that is not free, or starts an operation that the consumer then ends.
     */
    @JCStressTest
    @Outcome(id = "value, made, pending", expect = ACCEPTABLE, desc = "renter -> consumer")
    @Outcome(id = "value, pooled, pending", expect = ACCEPTABLE, desc = "consumer -> renter")
    @Outcome(id = "value, not free, .*", expect = ACCEPTABLE_INTERESTING, desc = "given back -> renter -> freed")
    @Outcome(id = "value, pooled, ended", expect = ACCEPTABLE_INTERESTING, desc = "the next operation was ended")
    @State
    public static class BrokenGiveBackThenFree {
        private volatile boolean inSlot;
        private volatile boolean busy = true;

        @Actor
        public void consumer(LLL_Result r) {
            r.r1 = "value";
            inSlot = true;
            busy = false;
        }

        @Actor
        public void renter(LLL_Result r) {
            if (!inSlot) {
                r.r2 = "made";
            } else if (busy) {
                r.r2 = "not free";
            } else {
                busy = true;
                r.r2 = "pooled";
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = "pooled".equals(r.r2) && !busy ? "ended" : "pending";
        }
    }
}
