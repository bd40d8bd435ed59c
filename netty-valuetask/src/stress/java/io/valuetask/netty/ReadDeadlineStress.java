package io.valuetask.netty;

import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLL_Result;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.lang.invoke.MethodHandles.lookup;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A read with a timeout begins while the timer that an earlier one has set fires. The reader trusts that timer, or
 * the timer finds the new read and is set anew. If both miss, the read waits for ever.
 *
 * <p>Results: what the reader did; whether there is a timer when both have returned; what becomes of the read when its
 * time is up.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t ReadDeadlineStress"</pre>
 */
public class ReadDeadlineStress {
    private static final long TIMEOUT = 10;

    private ReadDeadlineStress() {}

    @JCStressTest
    @Outcome(id = "trusts, timer, FAULTED", expect = ACCEPTABLE, desc = "reader -> timer, which is set anew")
    @Outcome(id = "asks, no timer, FAULTED", expect = ACCEPTABLE, desc = "timer -> reader, who asks for another one")
    @Outcome(id = "asks, timer, FAULTED", expect = ACCEPTABLE, desc = "each has seen the other")
    @Outcome(id = "trusts, no timer, PENDING", expect = FORBIDDEN, desc = "they missed each other: the read waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ActorExecutor executor = new ActorExecutor();
        private final InboundQueue queue = new InboundQueue(1, 1);
        private final DeadlineReads reads = new DeadlineReads(executor, queue);

        public Actual() {
            reads.begin(TIMEOUT);
            executor.enter();
            executor.runTasks();
            queue.offer("message", 0);
            reads.source.signal();
            reads.finish();
            executor.ticker().advance(TIMEOUT, TimeUnit.NANOSECONDS);
            executor.leave();
        }

        @Actor
        public void reader(LLL_Result r) {
            reads.begin(TIMEOUT);
            r.r1 = executor.hasTasks() ? "asks" : "trusts";
        }

        @Actor
        public void timer() {
            executor.enter();
            executor.fireTimer();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = executor.hasTimer() ? "timer" : "no timer";
            executor.enter();
            executor.runTasks();
            executor.ticker().advance(TIMEOUT, TimeUnit.NANOSECONDS);
            if (executor.hasTimer()) {
                executor.fireTimer();
            }
            r.r3 = reads.status();
        }
    }

    /**
     * Removed: the order of a store and the load behind it. Both are release stores.
     *
     * <p>Goes wrong: each has stored and looks at what the other one had before; the stores leave their store buffers
     * afterwards.
     */
    @JCStressTest
    @Outcome(id = "trusts, timer, FAULTED", expect = ACCEPTABLE, desc = "reader -> timer, which is set anew")
    @Outcome(id = "asks, no timer, FAULTED", expect = ACCEPTABLE, desc = "timer -> reader, who asks for another one")
    @Outcome(id = "asks, timer, FAULTED", expect = ACCEPTABLE, desc = "each has seen the other")
    @Outcome(id = "trusts, no timer, PENDING", expect = ACCEPTABLE_INTERESTING, desc = "reader looks -> timer looks -> their stores arrive: the read waits for ever")
    @State
    public static class BrokenReleaseOnly {
        private static final VarHandle OPERATION = fieldVarHandle(lookup(), "operation", VarHandle.class,
                BrokenReleaseOnly.class, long.class);
        private static final VarHandle ARMED = fieldVarHandle(lookup(), "armed", VarHandle.class,
                BrokenReleaseOnly.class, boolean.class);

        @SuppressWarnings("unused")
        private long operation = 1;
        @SuppressWarnings("unused")
        private boolean armed = true;
        private boolean asks;
        private boolean setAnew;

        @Actor
        public void reader(LLL_Result r) {
            OPERATION.setRelease(this, 2);
            asks = !(boolean) ARMED.getAcquire(this);
            r.r1 = asks ? "asks" : "trusts";
        }

        @Actor
        public void timer() {
            ARMED.setRelease(this, false);
            setAnew = (long) OPERATION.getAcquire(this) == 2;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = setAnew ? "timer" : "no timer";
            r.r3 = asks || setAnew ? "FAULTED" : "PENDING";
        }
    }
}
