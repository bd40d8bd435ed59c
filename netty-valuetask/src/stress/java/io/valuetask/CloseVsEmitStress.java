package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
 * The producer emits, while the consumer tries to take and then closes. The element is the consumer's, or it is released
 * once; and the producer learns that nobody wants more.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t CloseVsEmitStress"</pre>
 */
public class CloseVsEmitStress {
    private CloseVsEmitStress() {}

    @JCStressTest
    @Outcome(id = "taken, 0, canceled", expect = ACCEPTABLE, desc = "emit -> take -> close: it is the consumer's")
    @Outcome(id = "closed, 1, canceled", expect = ACCEPTABLE, desc = "close -> emit, or emit -> close: released")
    @Outcome(id = ".*, .*, misuse", expect = FORBIDDEN, desc = "the producer waits for ever")
    @Outcome(id = "closed, 0, .*", expect = FORBIDDEN, desc = "the element leaks")
    @Outcome(expect = FORBIDDEN, desc = "taken and released, or released twice")
    @State
    public static class Actual {
        private final AsyncIteratorSource<AutoCloseable> iterator = new AsyncIteratorSource<>();
        private final AtomicInteger releases = new AtomicInteger();
        private ValueTask<?> emit;

        @Actor
        public void producer() {
            emit = iterator.emit(releases::incrementAndGet);
        }

        @Actor
        public void consumer(LLL_Result r) {
            ValueTask<Boolean> move = iterator.moveNext();
            r.r1 = move.isCompleted() && Outcomes.take(move).equals(true) ? "taken" : "closed";
            iterator.close();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = releases.get();
            r.r3 = Outcomes.take(emit);
        }
    }

    /**
     * Removed: the one word. Whether the iterator is closed is a flag of its own, which the producer tests before it puts
     * its element down, and which the consumer sets before it clears the slot.
     *
     * <p>Goes wrong: the element is put down after the slot was cleared. Nobody is going to look there again.
     */
    @JCStressTest
    @Outcome(id = "taken, 0, canceled", expect = ACCEPTABLE, desc = "emit -> take -> close")
    @Outcome(id = "closed, 1, canceled", expect = ACCEPTABLE, desc = "close -> emit, or emit -> close")
    @Outcome(id = "closed, 0, canceled", expect = ACCEPTABLE_INTERESTING, desc = "producer tests -> consumer closes and clears -> producer puts: the element leaks")
    @State
    public static class BrokenTestThenPut {
        private final AtomicReference<Object> slot = new AtomicReference<>();
        private volatile boolean closed;
        private final AtomicInteger releases = new AtomicInteger();

        @Actor
        public void producer() {
            if (closed) {
                releases.incrementAndGet();
            } else {
                slot.set("element");
            }
        }

        @Actor
        public void consumer(LLL_Result r) {
            r.r1 = slot.getAndSet(null) != null ? "taken" : "closed";
            closed = true;
            if (slot.getAndSet(null) != null) {
                releases.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = releases.get();
            r.r3 = Outcomes.CANCELED;
        }
    }
}
