package io.valuetask.netty;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * The reader takes messages while the channel is closed and the rest swept. Each message has one taker. The reader is
 * about to follow the producer from one ring to the next.
 *
 * <p>Results: how often each of two messages was taken.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t SweepStress"</pre>
 */
public class SweepStress {
    /** As many as the first ring takes. */
    private static final int FIRST_RING = 15;

    private SweepStress() {}

    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "each has one taker")
    @Outcome(id = {"0, .*", ".*, 0"}, expect = FORBIDDEN, desc = "a message that nobody has")
    @Outcome(expect = FORBIDDEN, desc = "a message that both have")
    @State
    public static class Actual {
        private final InboundQueue queue = new InboundQueue(64, 64);
        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();

        public Actual() {
            for (int i = 0; i < FIRST_RING; i++) {
                queue.offer("earlier", 0);
            }
            queue.offer(first, 0);
            queue.offer(second, 0);
            for (int i = 0; i < FIRST_RING; i++) {
                queue.poll();
            }
        }

        @Actor
        public void reader() {
            take(queue.poll());
            take(queue.poll());
        }

        @Actor
        public void loop() {
            queue.sweep(Actual::take);
        }

        private static void take(Object element) {
            if (element instanceof AtomicInteger taken) {
                taken.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r1 = first.get();
            r.r2 = second.get();
        }
    }

    /**
     * Removed: the exchange of the slot. It is read, and then cleared.
     *
     * <p>Goes wrong: both read it before either has cleared it.
     */
    @JCStressTest
    @Outcome(id = "1, 1", expect = ACCEPTABLE, desc = "each has one taker")
    @Outcome(id = {"2, .*",
        ".*, 2"}, expect = ACCEPTABLE_INTERESTING, desc = "both read -> both clear: a message that both have")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenReadThenClear {
        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();
        private volatile AtomicInteger firstSlot = first;
        private volatile AtomicInteger secondSlot = second;

        @Actor
        public void reader() {
            takeBoth();
        }

        @Actor
        public void loop() {
            takeBoth();
        }

        private void takeBoth() {
            AtomicInteger one = firstSlot;
            if (one != null) {
                firstSlot = null;
                one.incrementAndGet();
            }
            AtomicInteger other = secondSlot;
            if (other != null) {
                secondSlot = null;
                other.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r1 = first.get();
            r.r2 = second.get();
        }
    }
}
