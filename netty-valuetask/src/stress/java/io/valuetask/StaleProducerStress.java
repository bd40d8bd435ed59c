package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
 * A timeout, a cancellation or a close that comes late, while the consumer takes the result and starts the next
 * operation on the same source: it must not touch the next operation.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t StaleProducerStress"</pre>
 */
public class StaleProducerStress {
    private StaleProducerStress() {}

    @JCStressTest
    @Outcome(id = "first, refused, second, 1", expect = ACCEPTABLE, desc = "the late producer is refused, always")
    @Outcome(id = ".*, (completed|canceled), .*", expect = FORBIDDEN, desc = "the late producer did something")
    @Outcome(id = ".*, (stale|canceled), .", expect = FORBIDDEN, desc = "the next operation got a stale outcome")
    @Outcome(expect = FORBIDDEN, desc = "the next operation was not resumed once with its own result")
    @State
    public static class Actual {
        private static final Consumer<AtomicInteger> COUNT = AtomicInteger::incrementAndGet;

        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long first = source.arm();
        private final AtomicInteger resumed = new AtomicInteger();

        public Actual() {
            source.complete(first, "first");
        }

        @Actor
        public void consumer(LLLL_Result r) {
            r.r1 = Outcomes.take(source, first);
            source.onCompleted(COUNT, resumed, source.arm(), ValueTaskSourceOnCompletedFlags.NONE);
        }

        @Actor
        public void lateProducer(LLLL_Result r) {
            if (source.tryComplete(first, "stale")) {
                r.r2 = "completed";
            } else {
                r.r2 = source.cancel(first) ? Outcomes.CANCELED : "refused";
            }
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            source.tryComplete(first + 1, "second");
            r.r3 = Outcomes.take(source, first + 1);
            r.r4 = resumed.get();
        }
    }

    /**
     * Removed: the producer's token. What it completes is whatever operation is pending, decided by a CAS that
     * is right in itself.
     *
     * <p>Goes wrong: once the consumer has started the second operation, the first one's late producer completes
     * it, and the second one's own is refused.
     */
    @JCStressTest
    @Outcome(id = "first, refused, second, 1", expect = ACCEPTABLE, desc = "late producer -> consumer")
    @Outcome(id = "first, completed, stale, 1", expect = ACCEPTABLE_INTERESTING, desc = "consumer -> late producer: the next operation got a stale outcome")
    @State
    public static class BrokenProducerWithoutToken {
        private static final String FREE = "free";
        private static final String PENDING = "pending";

        private final AtomicReference<String> stateOrResult = new AtomicReference<>("first");
        private final AtomicInteger resumed = new AtomicInteger();

        @Actor
        public void consumer(LLLL_Result r) {
            r.r1 = stateOrResult.getAndSet(FREE);
            stateOrResult.set(PENDING);
        }

        @Actor
        public void lateProducer(LLLL_Result r) {
            r.r2 = tryComplete("stale") ? "completed" : "refused";
        }

        private boolean tryComplete(String value) {
            boolean completed = stateOrResult.compareAndSet(PENDING, value);
            if (completed) {
                resumed.incrementAndGet();
            }
            return completed;
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            tryComplete("second");
            r.r3 = stateOrResult.get();
            r.r4 = resumed.get();
        }
    }
}
