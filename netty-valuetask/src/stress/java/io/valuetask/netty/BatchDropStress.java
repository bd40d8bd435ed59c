package io.valuetask.netty;

import java.util.List;
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
 * A batch is cancelled while its task starts it: all of it is released, or all of it is the pipeline's.
 *
 * <p>Results: what the canceller was told; what became of the two messages.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t BatchDropStress"</pre>
 */
public class BatchDropStress {
    private BatchDropStress() {}

    @JCStressTest
    @Outcome(id = "cancelled, released, released", expect = ACCEPTABLE, desc = "canceller -> loop, which finds nothing")
    @Outcome(id = "cancelled, sent, sent", expect = ACCEPTABLE, desc = "loop has them -> canceller: only the waiter is let go")
    @Outcome(id = "too late, sent, sent", expect = ACCEPTABLE, desc = "loop -> canceller")
    @Outcome(expect = FORBIDDEN, desc = "leaked, torn, released twice, or sent although it was released")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>();
        private final CountedMessage first = new CountedMessage();
        private final CountedMessage second = new CountedMessage();
        private final FlushOperation batch = channel.outbound().writeAll(List.of(first, second));
        private final long token = batch.token();

        @Actor
        public void loop() {
            channel.executor.enter();
            channel.executor.runTasks();
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r1 = batch.cancel(token) ? "cancelled" : "too late";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            channel.runTheRest();
            r.r2 = first.fate(channel.netty.readOutbound());
            r.r3 = second.fate(channel.netty.readOutbound());
        }
    }

    /**
     * Removed: the CAS of {@code loaded}. Both look, and then take the messages.
     *
     * <p>Goes wrong: the pipeline gets what the canceller releases.
     */
    @JCStressTest
    @Outcome(id = "cancelled, released, released", expect = ACCEPTABLE, desc = "canceller -> loop, which finds nothing")
    @Outcome(id = "too late, sent, sent", expect = ACCEPTABLE, desc = "loop -> canceller")
    @Outcome(id = "cancelled, released and sent, .*", expect = ACCEPTABLE_INTERESTING, desc = "both look -> both take them: sent, and released")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenTake {
        private volatile boolean loaded = true;
        private volatile boolean sent;
        private volatile boolean released;

        @Actor
        public void loop() {
            if (loaded) {
                loaded = false;
                sent = true;
            }
        }

        @Actor
        public void canceller(LLL_Result r) {
            boolean took = loaded;
            if (took) {
                loaded = false;
                released = true;
            }
            r.r1 = took ? "cancelled" : "too late";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            String fate = sent && released ? "released and sent" : sent ? "sent" : "released";
            r.r2 = fate;
            r.r3 = fate;
        }
    }
}
