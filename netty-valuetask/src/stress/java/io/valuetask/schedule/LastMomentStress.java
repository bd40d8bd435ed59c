package io.valuetask.schedule;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A virtual thread is made ready elsewhere in the last moment of its event loop. The loop says that it is shut down and
 * runs its last tasks; the poster hands in one and asks whether the loop is shut down. So the task is among those last ones,
 * or the poster knows that it has to look again.
 *
 * <p>Results: who has the thread.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t LastMomentStress"</pre>
 */
public class LastMomentStress {
    private LastMomentStress() {}

    @JCStressTest
    @Outcome(id = "loop", expect = ACCEPTABLE, desc = "it was among the last tasks")
    @Outcome(id = "poster", expect = ACCEPTABLE, desc = "looks again when the loop has ended")
    @Outcome(id = "nobody", expect = FORBIDDEN, desc = "lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private boolean resumed;
        private final StubLoop loop = new StubLoop();
        private final CarriedThread ready = new CarriedThread(new EventLoopCarrier(loop),
                () -> resumed = true);

        @Actor
        public void poster() {
            ready.post();
        }

        @Actor
        public void loop() {
            loop.runLastTasks();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            boolean taken = loop.termination.isListenedTo && ready.withdraw();
            r.r1 = resumed ? taken ? "both" : "loop" : taken ? "poster" : "nobody";
        }
    }

    /**
     * Removed: the order of the poster's steps. It asks first, and then hands in.
     *
     * <p>Goes wrong: between the two the loop runs its last tasks.
     */
    @JCStressTest
    @Outcome(id = "loop", expect = ACCEPTABLE, desc = "it was among the last tasks")
    @Outcome(id = "poster", expect = ACCEPTABLE, desc = "looks again when the loop has ended")
    @Outcome(id = "nobody", expect = ACCEPTABLE_INTERESTING, desc = "asks -> last tasks -> hands in: lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenAskFirst {
        private final StubLoop loop = new StubLoop();
        private boolean resumed;
        private boolean looksAgain;

        @Actor
        public void poster() {
            boolean ends = loop.isShutdown();
            loop.execute(() -> resumed = true);
            looksAgain = ends;
        }

        @Actor
        public void loop() {
            loop.runLastTasks();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = resumed ? "loop" : looksAgain ? "poster" : "nobody";
        }
    }
}
