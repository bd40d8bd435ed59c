package io.valuetask.netty;

import io.valuetask.ValueTaskSourceStatus;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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
 * The timer fires for a read whose time is up. Meanwhile that read is cancelled, and the next one begins, which has
 * time left. Operation, deadline and timeout are three fields: what the timer reads may belong to two reads, and
 * must not end the second one.
 *
 * <p>Results: what became of the first read, and of the second.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t StaleDeadlineStress"</pre>
 */
public class StaleDeadlineStress {
    private static final long TIMEOUT = 10;

    private StaleDeadlineStress() {}

    @JCStressTest
    @Outcome(id = "timed out, PENDING", expect = ACCEPTABLE, desc = "the timer came first")
    @Outcome(id = "cancelled, PENDING", expect = ACCEPTABLE, desc = "the reader came first, or in the midst of it")
    @Outcome(id = ".*, FAULTED", expect = FORBIDDEN, desc = "the second read was timed out by the deadline of the first")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ActorExecutor executor = new ActorExecutor();
        private final DeadlineReads reads = new DeadlineReads(executor, new InboundQueue(1, 1));

        public Actual() {
            reads.begin(TIMEOUT);
            executor.enter();
            executor.runTasks();
            executor.ticker().advance(TIMEOUT, TimeUnit.NANOSECONDS);
            executor.leave();
        }

        @Actor
        public void reader(LL_Result r) {
            r.r1 = reads.source.cancelPending() ? "cancelled" : "timed out";
            // A read that is being timed out at this moment has no outcome yet.
            while (reads.status() == ValueTaskSourceStatus.PENDING) {
                Thread.onSpinWait();
            }
            reads.finish();
            reads.begin(TIMEOUT);
        }

        @Actor
        public void timer() {
            executor.enter();
            executor.fireTimer();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            executor.enter();
            executor.runTasks();
            r.r2 = reads.status();
        }
    }

    /**
     * Removed: the order in which the timer reads. Here it reads the deadline before the operation.
     *
     * <p>Goes wrong: the reader replaces both in between, and the timer has the deadline of the first read and the
     * operation of the second.
     */
    @JCStressTest
    @Outcome(id = "timed out, PENDING", expect = ACCEPTABLE, desc = "the timer came first")
    @Outcome(id = "cancelled, PENDING", expect = ACCEPTABLE, desc = "the reader came first, or in the midst of it")
    @Outcome(id = "cancelled, FAULTED", expect = ACCEPTABLE_INTERESTING, desc = "timer reads the deadline of the first -> reader -> timer reads the operation of the second, and ends it")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenDeadlineFirst {
        /** That is pending; negative as soon as it is over. */
        private final AtomicLong word = new AtomicLong(1);
        private volatile long operation = 1;
        private volatile long deadlineNanos = TIMEOUT;

        @Actor
        public void reader(LL_Result r) {
            r.r1 = word.compareAndSet(1, -1) ? "cancelled" : "timed out";
            word.set(2);
            deadlineNanos = 2 * TIMEOUT;
            operation = 2;
        }

        @Actor
        public void timer() {
            long remaining = deadlineNanos - TIMEOUT;
            long waiting = operation;
            if (remaining <= 0) {
                word.compareAndSet(waiting, -waiting);
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = word.get() == 2 ? "PENDING" : "FAULTED";
        }
    }
}
