package io.valuetask.schedule;

import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.I_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * An event loop ends, and one of its bodies that the common scheduler runs begins just then, or ends. One that begins learns
 * of the end by an interrupt, once; of one that ends nothing is kept.
 *
 * <p>How the signal is caught stands at the top of {@link CommonBodies}.
 *
 * <p>Results: how often the body is interrupted, and how often by a second end, which finds what is left.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t CommonBodiesStress"</pre>
 */
public class CommonBodiesStress {
    private CommonBodiesStress() {}

    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "found by the end, or sees that it has come")
    @Outcome(id = "0, 1", expect = FORBIDDEN, desc = "does not learn of the end")
    @Outcome(expect = FORBIDDEN, desc = "twice, or unknown")
    @State
    public static class ActualBegins {
        private final CommonBodies bodies = new CommonBodies(new StubLoop());
        private final Body body = new Body();

        @Actor
        public void body() {
            bodies.enter(body);
        }

        @Actor
        public void end() {
            bodies.cancelAll();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r1 = body.interrupts.getAndSet(0);
            bodies.cancelAll();
            r.r2 = body.interrupts.get();
        }
    }

    @JCStressTest
    @Outcome(id = "0, 0", expect = ACCEPTABLE, desc = "it was over")
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "found by the end, before it was over or just then")
    @Outcome(expect = FORBIDDEN, desc = "twice, or kept")
    @State
    public static class ActualEnds {
        private final CommonBodies bodies = new CommonBodies(new StubLoop());
        private final Body body = new Body();

        public ActualEnds() {
            bodies.enter(body);
        }

        @Actor
        public void body() {
            bodies.leave(body);
        }

        @Actor
        public void end() {
            bodies.cancelAll();
        }

        @Arbiter
        public void arbiter(II_Result r) {
            r.r1 = body.interrupts.getAndSet(0);
            bodies.cancelAll();
            r.r2 = body.interrupts.get();
        }
    }

    /**
     * Removed: the order of the body's steps. It looks for the end, and then enters.
     *
     * <p>Goes wrong: between the two the end goes through those who have entered.
     *
     * <p>Results: how often the body is interrupted.
     */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "found by the end, or sees that it has come")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "looks -> the end comes -> enters: does not learn of it")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLooksFirst {
        private final Model model = new Model();

        @Actor
        public void body() {
            boolean sees = model.ended;
            model.entered = true;
            if (sees) {
                model.take();
            }
        }

        @Actor
        public void end() {
            model.end();
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = model.taken.get();
        }

        /** Who takes it out interrupts it. */
        private static final class Model {
            private volatile boolean entered;
            private volatile boolean ended;
            private final AtomicInteger taken = new AtomicInteger();

            private void end() {
                ended = true;
                if (entered) {
                    take();
                }
            }

            private void take() {
                taken.compareAndSet(0, 1);
            }
        }
    }

    /**
     * Removed: that taking it out decides. Whoever finds the other interrupts the body.
     *
     * <p>Goes wrong: both find each other.
     *
     * <p>Results: how often each of them interrupts it, itself and the end.
     */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "by itself")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "by the end")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "enters -> the end comes -> both look: twice")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenBothTell {
        private volatile boolean entered;
        private volatile boolean ended;

        @Actor
        public void body(II_Result r) {
            entered = true;
            r.r1 = ended ? 1 : 0;
        }

        @Actor
        public void end(II_Result r) {
            ended = true;
            r.r2 = entered ? 1 : 0;
        }
    }

    /** Counts its interrupts, and never runs: an actor enters and leaves for it. */
    private static final class Body extends Thread {
        private final AtomicInteger interrupts = new AtomicInteger();

        private Body() {
            super(null, null, "body", 0, false);
        }

        @Override
        public void interrupt() {
            interrupts.incrementAndGet();
        }
    }
}
