package io.valuetask;

import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * Two renters meet at one idle source: one gets it, the other a new one.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PoolRentersStress"</pre>
 */
public class PoolRentersStress {
    private PoolRentersStress() {}

    @JCStressTest
    @Outcome(id = "pooled, made", expect = ACCEPTABLE, desc = "A takes it out of its slot")
    @Outcome(id = "made, pooled", expect = ACCEPTABLE, desc = "B takes it out of its slot")
    @Outcome(id = "pooled, pooled", expect = FORBIDDEN, desc = "one source, handed out twice")
    @Outcome(expect = FORBIDDEN, desc = "the idle source was passed over, or is not free")
    @State
    public static class Actual {
        private final ValueTaskSourcePool<ManualResetValueTaskSource<String>> pool = new ValueTaskSourcePool<>(
                1,
                ManualResetValueTaskSource::new);
        private final ManualResetValueTaskSource<String> idle = pool.rent();
        private ManualResetValueTaskSource<String> rentedByA;
        private ManualResetValueTaskSource<String> rentedByB;

        public Actual() {
            Pools.useOnce(idle);
        }

        // Neither gives it back: the other one must not find it by right.

        @Actor
        public void renterA(LL_Result r) {
            rentedByA = pool.rent();
            r.r1 = arm(rentedByA);
        }

        @Actor
        public void renterB(LL_Result r) {
            rentedByB = pool.rent();
            r.r2 = arm(rentedByB);
        }

        private Object arm(ManualResetValueTaskSource<String> rented) {
            if (rented.tryArm() != (rented == idle ? 2 : 1)) {
                return "not free";
            }
            return rented == idle ? "pooled" : "made";
        }

        @Arbiter
        public void arbiter() {
            Pools.finish(rentedByA);
            if (rentedByB != rentedByA) {
                Pools.finish(rentedByB);
            }
        }
    }

    /**
     * Removed: the CAS that takes a source out of its slot. The slot is read, and then cleared.
     *
     * <p>Goes wrong: both renters read the slot before either clears it.
     */
    @JCStressTest
    @Outcome(id = "pooled, made", expect = ACCEPTABLE, desc = "A -> B")
    @Outcome(id = "made, pooled", expect = ACCEPTABLE, desc = "B -> A")
    @Outcome(id = "pooled, pooled", expect = ACCEPTABLE_INTERESTING, desc = "A reads -> B reads -> both have it")
    @State
    public static class BrokenReadThenClear {
        private final AtomicReference<Object> slot = new AtomicReference<>(new Object());

        @Actor
        public void renterA(LL_Result r) {
            r.r1 = rent();
        }

        @Actor
        public void renterB(LL_Result r) {
            r.r2 = rent();
        }

        private Object rent() {
            if (slot.get() == null) {
                return "made";
            }
            slot.set(null);
            return "pooled";
        }
    }
}
