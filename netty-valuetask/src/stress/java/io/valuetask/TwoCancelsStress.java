package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.ZZI_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * Cancellation is requested twice at once. One of the two did it, and what is registered is told once.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TwoCancelsStress"</pre>
 */
public class TwoCancelsStress {
    private TwoCancelsStress() {}

    @JCStressTest
    @Outcome(id = "(true, false|false, true), 1", expect = ACCEPTABLE, desc = "one winner, told once")
    @Outcome(id = "true, true, .", expect = FORBIDDEN, desc = "two winners")
    @Outcome(id = "false, false, .", expect = FORBIDDEN, desc = "no winner")
    @Outcome(expect = FORBIDDEN, desc = "not told, or told twice")
    @State
    public static class Actual {
        private final CancellationTokenSource cancellation = new CancellationTokenSource();
        private final AtomicInteger told = new AtomicInteger();

        public Actual() {
            cancellation.token().register(AtomicInteger::incrementAndGet, told);
        }

        @Actor
        public void one(ZZI_Result r) {
            r.r1 = cancellation.cancel();
        }

        @Actor
        public void other(ZZI_Result r) {
            r.r2 = cancellation.cancel();
        }

        @Arbiter
        public void arbiter(ZZI_Result r) {
            r.r3 = told.get();
        }
    }

    /**
     * Removed: the lock around the flag and the list. The flag is tested and then set; what is registered is told and
     * then removed.
     *
     * <p>Goes wrong: both pass the test, both believe to have done it, and tell twice.
     */
    @JCStressTest
    @Outcome(id = "(true, false|false, true), 1", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "true, true, .", expect = ACCEPTABLE_INTERESTING, desc = "one tests -> other tests -> both set: two winners")
    @State
    public static class BrokenTestThenSet {
        private final AtomicInteger told = new AtomicInteger();
        private volatile boolean requested;
        private volatile boolean registered = true;

        @Actor
        public void one(ZZI_Result r) {
            r.r1 = cancel();
        }

        @Actor
        public void other(ZZI_Result r) {
            r.r2 = cancel();
        }

        private boolean cancel() {
            if (requested) {
                return false;
            }
            requested = true;
            if (registered) {
                told.incrementAndGet();
                registered = false;
            }
            return true;
        }

        @Arbiter
        public void arbiter(ZZI_Result r) {
            r.r3 = told.get();
        }
    }
}
