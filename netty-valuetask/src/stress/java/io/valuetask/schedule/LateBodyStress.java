package io.valuetask.schedule;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;
import org.openjdk.jcstress.infra.results.L_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * An event loop ends and cancels the bodies that it carries, and one of those begins just then, elsewhere. It learns of the
 * end by an interrupt, once.
 *
 * <p>How the signal is caught:
 *
 * <pre>
 *   the loop has had it once ----------------&gt; it is among the living, which the end goes through
 *   begins elsewhere, the loop is shut down -&gt; looks, and interrupts itself
 *   begins elsewhere, the loop is not ------&gt; it was relieved by the watchdog, so the loop has had it
 *   both ------------------------------------&gt; CANCELLED, a CAS
 * </pre>
 *
 * <p>The body is a virtual thread of the JDK's own scheduler, as one is that begins elsewhere. An actor waits for its end.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t LateBodyStress"</pre>
 */
public class LateBodyStress {
    private LateBodyStress() {}

    /** The loop has had it. The end comes just as it looks. */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "interrupted once")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "never")
    @Outcome(expect = FORBIDDEN, desc = "twice")
    @State
    public static class ActualRelieved {
        private volatile boolean looks;
        private volatile boolean ends;
        private volatile boolean allAreCancelled;
        private int interrupts;
        private final StubLoop loop = new StubLoop() {
            @Override
            public boolean isShutdown() {
                looks = true;
                while (!ends) {
                    Thread.onSpinWait();
                }
                return super.isShutdown();
            }
        };
        private final EventLoopCarrier carrier = new EventLoopCarrier(loop);
        private final CarriedThread carried = new CarriedThread(carrier);
        private final Thread body = carried.create(Thread.ofVirtual(), this::count);

        public ActualRelieved() {
            carrier.living().add(carried);
        }

        private void count() {
            boolean last;
            do {
                last = allAreCancelled;
                if (Thread.interrupted()) {
                    interrupts++;
                }
            } while (!last);
        }

        @Actor
        public void end() {
            while (!looks) {
                Thread.yield(); // it has to be started
            }
            ends = true;
            loop.runLastTasks();
            carrier.living().cancelAll();
            allAreCancelled = true;
        }

        @Actor
        public void body() {
            body.start();
            join(body);
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = interrupts;
        }
    }

    /** Nobody has had it: it is posted to be started, and begins late where the poster finds the end. */
    @JCStressTest
    @Outcome(id = "on the loop, interrupted", expect = ACCEPTABLE, desc = "it was among the last tasks, and so the living")
    @Outcome(id = "late, interrupted", expect = ACCEPTABLE, desc = "looks, and finds the loop shut down")
    @Outcome(id = "on the loop, not interrupted", expect = FORBIDDEN, desc = "does not learn of the end")
    @Outcome(id = "late, not interrupted", expect = FORBIDDEN, desc = "does not learn of the end")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class ActualStarted {
        private final StubLoop loop = new StubLoop();
        private final EventLoopCarrier carrier = new EventLoopCarrier(loop);
        private boolean hasBegunThere;
        private boolean hasBegunLate;
        private boolean isInterrupted;
        private final CarriedThread carried = new CarriedThread(carrier, () -> hasBegunThere = true);
        private final Thread body = carried.create(Thread.ofVirtual(),
                () -> isInterrupted = Thread.interrupted());

        @Actor
        public void poster() {
            carried.post();
            if (loop.termination.isListenedTo && carried.withdraw()) {
                hasBegunLate = true;
                body.start();
                join(body);
            }
        }

        @Actor
        public void end() {
            loop.runLastTasks();
            carrier.living().cancelAll();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String where = hasBegunThere
                    ? hasBegunLate ? "twice" : "on the loop"
                    : hasBegunLate ? "late" : "lost";
            // One that has begun on the loop stays at its begin, where an interrupt waits for it.
            boolean learns = hasBegunLate ? isInterrupted : body.isInterrupted();
            r.r1 = where + (learns ? ", interrupted" : ", not interrupted");
        }
    }

    /**
     * Removed: the look at the loop, by a body that begins elsewhere.
     *
     * <p>Goes wrong: it is not among the living when the end goes through them.
     */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "it was among the last tasks, and so the living")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "last tasks -> all are cancelled -> begins: does not learn of the end")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLooksNotAgain {
        private final Queue<AtomicInteger> tasks = new ConcurrentLinkedQueue<>();
        private volatile boolean shutDown;
        private final AtomicInteger interrupts = new AtomicInteger();

        @Actor
        public void poster() {
            tasks.add(interrupts);
            if (shutDown) {
                tasks.remove(interrupts); // begins late, if it was there still
            }
        }

        @Actor
        public void end() {
            shutDown = true;
            for (AtomicInteger each; (each = tasks.poll()) != null;) {
                each.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = interrupts.get();
        }
    }

    /**
     * Removed: the CAS. Whoever finds it not cancelled interrupts it, and notes that.
     *
     * <p>Goes wrong: both find it so.
     *
     * <p>Results: how often each of them interrupts it, itself and the end.
     */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "by itself")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "by the end")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "both look -> both interrupt: the second one hits something else")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenInterrupt {
        private volatile boolean cancelled;
        private volatile boolean interrupted;

        @Actor
        public void body(II_Result r) {
            r.r1 = cancel();
        }

        @Actor
        public void end(II_Result r) {
            r.r2 = cancel();
        }

        private int cancel() {
            if (cancelled) {
                return 0;
            }
            interrupted = true;
            cancelled = true;
            return 1;
        }
    }

    private static void join(Thread body) {
        try {
            body.join();
        } catch (InterruptedException unexpected) {
            throw new AssertionError(unexpected);
        }
    }
}
