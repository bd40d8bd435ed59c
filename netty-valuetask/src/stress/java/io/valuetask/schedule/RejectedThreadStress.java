package io.valuetask.schedule;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
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
 * A virtual thread is made ready elsewhere while the queue of its event loop is full, so that the loop rejects it. Meanwhile
 * the loop runs what it has and lives on. The poster, who finds that this is not its end, asks again a millisecond later: so
 * the thread goes on, once.
 *
 * <p>How the signal is caught:
 *
 * <pre>
 *   POSTED -- the queue has room ------------------&gt; a task of the loop
 *          -- rejected, and the loop is not shut down -&gt; elsewhere, a millisecond, POSTED again
 *          -- rejected, and it is shut down -------&gt; the common scheduler, see LastMomentStress
 * </pre>
 *
 * <p>Results: what became of it.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t RejectedThreadStress"</pre>
 */
public class RejectedThreadStress {
    private RejectedThreadStress() {}

    @JCStressTest
    @Outcome(id = "went on", expect = ACCEPTABLE, desc = "there was room")
    @Outcome(id = "went on, asked again", expect = ACCEPTABLE, desc = "the queue was full")
    @Outcome(id = "nobody", expect = FORBIDDEN, desc = "lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final FullLoop loop = new FullLoop();
        private int resumed;
        private final CarriedThread ready = new CarriedThread(new EventLoopCarrier(loop), () -> resumed++);
        /** What waits elsewhere. */
        private Runnable retry;

        @Actor
        public void poster() {
            ready.post(task -> retry = task);
        }

        @Actor
        public void loop() {
            loop.runTasks();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String again = retry == null ? "" : ", asked again";
            loop.runTasks();
            if (retry != null) {
                retry.run();
            }
            loop.runTasks();
            r.r1 = (resumed == 1 ? "went on" : resumed == 0 ? "nobody" : "twice") + again;
        }
    }

    /**
     * Removed: the retry. Who is rejected by a loop that lives leaves it at that.
     *
     * <p>Goes wrong: the queue is full, and then the loop empties it and lives on.
     */
    @JCStressTest
    @Outcome(id = "went on", expect = ACCEPTABLE, desc = "loop -> poster")
    @Outcome(id = "nobody", expect = ACCEPTABLE_INTERESTING, desc = "poster is rejected -> loop empties its queue: lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenAsksOnce {
        private final FullLoop loop = new FullLoop();
        private boolean resumed;

        @Actor
        public void poster() {
            try {
                loop.execute(() -> resumed = true);
            } catch (RejectedExecutionException full) {
                // not its end, and nothing to do
            }
        }

        @Actor
        public void loop() {
            loop.runTasks();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            loop.runTasks();
            r.r1 = resumed ? "went on" : "nobody";
        }
    }

    /** One that lives and has room for one task, which it has. */
    private static final class FullLoop extends StubLoop {
        private FullLoop() {
            super(new ArrayBlockingQueue<>(1));
            execute(() -> {});
        }
    }
}
