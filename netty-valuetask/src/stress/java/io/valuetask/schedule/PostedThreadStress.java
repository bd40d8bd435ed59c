package io.valuetask.schedule;

import io.valuetask.netty.ActorExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A virtual thread was posted to its event loop, and that loop ends: its last tasks run it, while the poster, who found the
 * loop shut down, comes to take it elsewhere. It goes on once.
 *
 * <p>Results: how often it goes on, on the loop and elsewhere.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PostedThreadStress"</pre>
 */
public class PostedThreadStress {
    private PostedThreadStress() {}

    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "on the loop")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "elsewhere")
    @Outcome(id = "1, 1", expect = FORBIDDEN, desc = "twice")
    @Outcome(id = "0, 0", expect = FORBIDDEN, desc = "lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final AtomicInteger onTheLoop = new AtomicInteger();
        private final ActorExecutor loop = new ActorExecutor();
        private final CarriedThread posted = new CarriedThread(new EventLoopCarrier(loop),
                onTheLoop::incrementAndGet);

        public Actual() {
            posted.post();
        }

        @Actor
        public void loop(II_Result r) {
            loop.enter();
            posted.run();
            r.r1 = onTheLoop.get();
        }

        @Actor
        public void poster(II_Result r) {
            r.r2 = posted.withdraw() ? 1 : 0;
        }
    }

    /**
     * Removed: the CAS. Whoever finds it posted takes it.
     *
     * <p>Goes wrong: both find it so.
     */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "on the loop")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "elsewhere")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "both look -> both take: it goes on twice")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenTake {
        private volatile boolean posted = true;

        @Actor
        public void loop(II_Result r) {
            r.r1 = withdraw() ? 1 : 0;
        }

        @Actor
        public void poster(II_Result r) {
            r.r2 = withdraw() ? 1 : 0;
        }

        private boolean withdraw() {
            if (!posted) {
                return false;
            }
            posted = false;
            return true;
        }
    }
}
