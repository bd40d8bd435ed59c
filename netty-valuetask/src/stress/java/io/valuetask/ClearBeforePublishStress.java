package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
 * A consumer that polls takes the result as soon as it shows, and starts the next operation with the next waiter, while
 * the completer is still busy with the first: it must have cleared the first waiter by then, and not the second.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t ClearBeforePublishStress"</pre>
 */
public class ClearBeforePublishStress {
    private static final Consumer<AtomicInteger> COUNT = AtomicInteger::incrementAndGet;

    private ClearBeforePublishStress() {}

    @JCStressTest
    @Outcome(id = "value, 1, 1", expect = ACCEPTABLE, desc = "complete -> take, next waiter")
    @Outcome(id = "misuse, 1, 0", expect = ACCEPTABLE, desc = "take too early -> complete")
    @Outcome(id = "value, 1, 0", expect = FORBIDDEN, desc = "the next waiter is gone")
    @Outcome(expect = FORBIDDEN, desc = "a waiter resumed twice, or not at all")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();
        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();

        public Actual() {
            source.onCompleted(COUNT, first, token, ValueTaskSourceOnCompletedFlags.NONE);
        }

        @Actor
        public void completer(LLL_Result r) {
            source.complete(token, "value");
        }

        @Actor
        public void pollingConsumer(LLL_Result r) {
            r.r1 = Outcomes.take(source, token);
            if (r.r1 != Outcomes.MISUSE) {
                source.onCompleted(COUNT, second, source.arm(), ValueTaskSourceOnCompletedFlags.NONE);
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            source.tryComplete(token + 1, "next");
            r.r2 = first.get();
            r.r3 = second.get();
        }
    }

    /**
     * Removed: the order. The outcome is published first, and what the waiter left is cleared afterwards, as one would
     * write it to resume as early as possible.
     *
     * <p>Goes wrong: the clearing hits the next waiter.
     */
    @JCStressTest
    @Outcome(id = "value, 1, 1", expect = ACCEPTABLE, desc = "complete -> take, next waiter")
    @Outcome(id = "misuse, 1, 0", expect = ACCEPTABLE, desc = "take too early -> complete")
    @Outcome(id = "value, 1, 0", expect = ACCEPTABLE_INTERESTING, desc = "publish -> take, next waiter -> clear: it is gone")
    @State
    public static class BrokenPublishThenClear {
        private volatile String result;
        private volatile AtomicInteger waiter;
        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();

        public BrokenPublishThenClear() {
            waiter = first;
        }

        @Actor
        public void completer(LLL_Result r) {
            AtomicInteger resumed = waiter;
            result = "value";
            waiter = null;
            resumed.incrementAndGet();
        }

        @Actor
        public void pollingConsumer(LLL_Result r) {
            String taken = result;
            r.r1 = taken == null ? Outcomes.MISUSE : taken;
            if (taken != null) {
                waiter = second;
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            AtomicInteger next = waiter;
            if (next != null) {
                next.incrementAndGet();
            }
            r.r2 = first.get();
            r.r3 = second.get();
        }
    }
}
