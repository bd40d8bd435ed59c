package io.valuetask.netty;

import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.lang.invoke.MethodHandles.lookup;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * The event loop finds the queue full and pauses reading, while the reader takes half of what is in it. Exactly one of
 * them lets reading go on: the loop, which finds it taken, or the reader, who finds reading paused.
 *
 * <p>Results: what each does.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PauseStress"</pre>
 */
public class PauseStress {
    private PauseStress() {}

    @JCStressTest
    @Outcome(id = "goes on, takes", expect = ACCEPTABLE, desc = "reader -> loop")
    @Outcome(id = "pauses, takes and resumes", expect = ACCEPTABLE, desc = "loop -> reader")
    @Outcome(id = "pauses, takes", expect = FORBIDDEN, desc = "paused for ever")
    @Outcome(id = "goes on, takes and resumes", expect = FORBIDDEN, desc = "both let it go on")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final InboundQueue queue = new InboundQueue(2, 1);

        public Actual() {
            queue.offer("first", 0);
            queue.offer("second", 0);
        }

        @Actor
        public void loop(LL_Result r) {
            r.r1 = queue.pause() ? "pauses" : "goes on";
        }

        @Actor
        public void reader(LL_Result r) {
            queue.poll();
            r.r2 = queue.shouldResume() ? "takes and resumes" : "takes";
        }
    }

    /**
     * Removed: the order of a store and the load behind it. The pause and the count of what was taken are release stores.
     *
     * <p>Goes wrong: each has stored and looks at what the other one had before; the stores leave their store buffers
     * afterwards.
     */
    @JCStressTest
    @Outcome(id = "goes on, takes", expect = ACCEPTABLE, desc = "reader -> loop")
    @Outcome(id = "pauses, takes and resumes", expect = ACCEPTABLE, desc = "loop -> reader")
    @Outcome(id = "pauses, takes", expect = ACCEPTABLE_INTERESTING, desc = "loop looks -> reader looks -> their stores arrive: paused for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenReleaseOnly {
        private static final VarHandle PAUSED = fieldVarHandle(lookup(), "paused", VarHandle.class,
                BrokenReleaseOnly.class, boolean.class);
        private static final VarHandle TAKEN = fieldVarHandle(lookup(), "taken", VarHandle.class,
                BrokenReleaseOnly.class, int.class);

        @SuppressWarnings("unused")
        private boolean paused;
        @SuppressWarnings("unused")
        private int taken;

        @Actor
        public void loop(LL_Result r) {
            PAUSED.setRelease(this, true);
            boolean overtaken = (int) TAKEN.getAcquire(this) > 0;
            r.r1 = overtaken && PAUSED.compareAndSet(this, true, false) ? "goes on" : "pauses";
        }

        @Actor
        public void reader(LL_Result r) {
            TAKEN.setRelease(this, 1);
            boolean resumes = (boolean) PAUSED.getAcquire(this) && PAUSED.compareAndSet(this, true, false);
            r.r2 = resumes ? "takes and resumes" : "takes";
        }
    }

    /**
     * Removed: the CAS that ends the pause. Whoever finds both, the pause and what was taken, lets reading go on.
     *
     * <p>Goes wrong: each finds what the other one has stored.
     */
    @JCStressTest
    @Outcome(id = "goes on, takes", expect = ACCEPTABLE, desc = "reader -> loop")
    @Outcome(id = "pauses, takes and resumes", expect = ACCEPTABLE, desc = "loop -> reader")
    @Outcome(id = "goes on, takes and resumes", expect = ACCEPTABLE_INTERESTING, desc = "both store -> both look: both let it go on")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenNoClaim {
        private volatile boolean paused;
        private volatile int taken;

        @Actor
        public void loop(LL_Result r) {
            paused = true;
            r.r1 = taken > 0 ? "goes on" : "pauses";
        }

        @Actor
        public void reader(LL_Result r) {
            taken = 1;
            r.r2 = paused ? "takes and resumes" : "takes";
        }
    }
}
