package io.valuetask.netty;

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
 * A write is cancelled while its task starts it. Either it is dropped and its message released, or the pipeline has the
 * message. In both cases it leaves nothing behind for which close() would wait.
 *
 * <p>Results: what the canceller was told; what became of the message; how many writes are in flight in the end.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t WriteDropStress"</pre>
 */
public class WriteDropStress {
    private WriteDropStress() {}

    @JCStressTest
    @Outcome(id = "cancelled, released, 0", expect = ACCEPTABLE, desc = "canceller -> loop, which finds it dropped")
    @Outcome(id = "cancelled, sent, 0", expect = ACCEPTABLE, desc = "loop starts it -> canceller: only the waiter is let go")
    @Outcome(id = "too late, sent, 0", expect = ACCEPTABLE, desc = "loop -> canceller")
    @Outcome(id = ".*, .*, 1", expect = FORBIDDEN, desc = "in flight for ever")
    @Outcome(expect = FORBIDDEN, desc = "leaked, released twice, or sent although it was dropped")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>();
        private final CountedMessage message = new CountedMessage();
        private final WriteOperation write = channel.outbound().write(message, true, false);
        private final long token = write.token();

        @Actor
        public void loop() {
            channel.executor.enter();
            channel.executor.runTasks();
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r1 = write.cancel(token) ? "cancelled" : "too late";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            channel.runTheRest();
            r.r2 = message.fate(channel.netty.readOutbound());
            r.r3 = channel.outbound().inFlight().size();
        }
    }

    /**
     * Removed: the CAS from POSTED. Both look at the progress, and then move it.
     *
     * <p>Goes wrong: the pipeline has the message, and the operation is DROPPED, which no completion leads out of.
     */
    @JCStressTest
    @Outcome(id = "cancelled, released, 0", expect = ACCEPTABLE, desc = "canceller -> loop, which finds it dropped")
    @Outcome(id = "too late, sent, 0", expect = ACCEPTABLE, desc = "loop -> canceller")
    @Outcome(id = "cancelled, sent, 0", expect = ACCEPTABLE, desc = "both look -> canceller moves -> loop moves")
    @Outcome(id = "cancelled, sent, 1", expect = ACCEPTABLE_INTERESTING, desc = "both look -> loop starts it -> canceller drops it: in flight for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenMove {
        private static final int POSTED = 0;
        private static final int STARTED = 1;
        private static final int DROPPED = 2;

        private volatile int progress = POSTED;
        private boolean sent;

        @Actor
        public void loop() {
            if (progress == POSTED) {
                progress = STARTED;
                sent = true;
            }
        }

        @Actor
        public void canceller(LLL_Result r) {
            boolean posted = progress == POSTED;
            if (posted) {
                progress = DROPPED;
            }
            r.r1 = posted ? "cancelled" : "too late";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = sent ? "sent" : "released";
            r.r3 = sent && progress == DROPPED ? 1 : 0;
        }
    }
}
