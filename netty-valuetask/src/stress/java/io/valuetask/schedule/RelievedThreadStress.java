package io.valuetask.schedule;

import io.valuetask.netty.ActorExecutor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.IIZ_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A thread that a body has started stands in the ready queue of a loop that waits for a lock. The watchdog has it go on
 * elsewhere, and at the same time the loop gets its lock and resumes it. It goes on once, and the loop keeps nothing of it.
 *
 * <p>That of those who run a continuation one wins is the JDK's, and here a CAS.
 *
 * <p>Results: how often it goes on, on the loop and elsewhere, and whether the loop keeps it.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t RelievedThreadStress"</pre>
 */
public class RelievedThreadStress {
    private RelievedThreadStress() {}

    @JCStressTest
    @Outcome(id = "1, 0, false", expect = ACCEPTABLE, desc = "on the loop")
    @Outcome(id = "0, 1, false", expect = ACCEPTABLE, desc = "elsewhere")
    @Outcome(id = "1, 1, false", expect = FORBIDDEN, desc = "twice")
    @Outcome(id = "0, 0, false", expect = FORBIDDEN, desc = "lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown, or kept")
    @State
    public static class Actual {
        private final Relief relief = new Relief();
        private final AtomicBoolean ready = new AtomicBoolean(true);

        public Actual() {
            relief.stand(() -> {
                if (ready.compareAndSet(true, false)) {
                    relief.goOn();
                }
            });
        }

        @Actor
        public void loop() {
            relief.resume();
        }

        @Actor
        public void watchdog() {
            relief.relieve();
        }

        @Arbiter
        public void arbiter(IIZ_Result r) {
            relief.tell(r);
        }
    }

    /**
     * Removed: the winner. To be among those that can be relieved is taken for being ready.
     *
     * <p>Goes wrong: the watchdog finds it there, and the loop takes it away and resumes it.
     */
    @JCStressTest
    @Outcome(id = "1, 0, false", expect = ACCEPTABLE, desc = "the loop was first")
    @Outcome(id = "1, 1, false", expect = ACCEPTABLE_INTERESTING, desc = "found, taken and resumed: it goes on twice")
    @Outcome(expect = FORBIDDEN, desc = "unknown, or kept")
    @State
    public static class BrokenWithoutWinner {
        private final Relief relief = new Relief();

        public BrokenWithoutWinner() {
            relief.stand(relief::goOn);
        }

        @Actor
        public void loop() {
            relief.resume();
        }

        @Actor
        public void watchdog() {
            relief.relieve();
        }

        @Arbiter
        public void arbiter(IIZ_Result r) {
            relief.tell(r);
        }
    }

    /**
     * Removed: that it is left where it stands. The loop leaves out whom it finds relieved.
     *
     * <p>Goes wrong: the watchdog has seen that the loop waits, and says that it relieves; the loop goes on, and leaves it
     * out; the watchdog finds that the loop does not wait any more.
     */
    @JCStressTest
    @Outcome(id = "1, 0, false", expect = ACCEPTABLE, desc = "on the loop")
    @Outcome(id = "0, 1, false", expect = ACCEPTABLE, desc = "elsewhere")
    @Outcome(id = "0, 0, false", expect = ACCEPTABLE_INTERESTING, desc = "each leaves it to the other: lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLeftOut {
        private volatile boolean waits = true;
        private volatile boolean relieved;

        @Actor
        public void loop(IIZ_Result r) {
            waits = false;
            r.r1 = relieved ? 0 : 1;
        }

        @Actor
        public void watchdog(IIZ_Result r) {
            relieved = true;
            r.r2 = waits ? 1 : 0;
        }
    }

    /** A loop with one that is ready. */
    private static final class Relief {
        private final ActorExecutor loop = new ActorExecutor();
        private final EventLoopCarrier carrier = new EventLoopCarrier(loop);
        private final ReadyQueue ready = new ReadyQueue();
        private final AtomicInteger onTheLoop = new AtomicInteger();
        private final AtomicInteger elsewhere = new AtomicInteger();

        void stand(Runnable continuation) {
            CarriedThread child = new CarriedThread(carrier, continuation);
            carrier.living().add(child);
            ready.add(child);
        }

        void goOn() {
            (loop.inEventLoop(Thread.currentThread()) ? onTheLoop : elsewhere).incrementAndGet();
        }

        void resume() {
            loop.enter();
            for (CarriedThread next; (next = ready.poll()) != null;) {
                carrier.mount(next);
            }
        }

        void relieve() {
            carrier.living().relieveAll(Runnable::run);
        }

        void tell(IIZ_Result r) {
            r.r1 = onTheLoop.get();
            r.r2 = elsewhere.get();
            carrier.living().relieveAll(kept -> r.r3 = true);
        }
    }
}
