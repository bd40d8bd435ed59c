package io.valuetask.netty;

import java.util.concurrent.atomic.AtomicReference;
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
 * A relay is cancelled while its second direction ends. Either it is cancelled, and leaves its channels open, or it
 * has come to its end, and closes them.
 *
 * <p>Results: what the canceller was told; what became of the relay, and of the channels.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t RelayCancelStress"</pre>
 */
public class RelayCancelStress {
    private RelayCancelStress() {}

    @JCStressTest
    @Outcome(id = "cancelled, CANCELED, open", expect = ACCEPTABLE, desc = "canceller -> end")
    @Outcome(id = "refused, SUCCEEDED, closed", expect = ACCEPTABLE, desc = "end -> canceller")
    @Outcome(id = "cancelled, CANCELED, closed", expect = FORBIDDEN, desc = "closed under whoever has cancelled, and goes on with the channels")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> left = new ActorChannel<>();
        private final ActorChannel<CountedMessage> right = new ActorChannel<>();
        private final Relay relay = new Relay(left.handler.channel(), right.handler.channel());

        public Actual() {
            relay.start();
            left.endInput();
            right.runTheRest();
            right.executor.leave();
            // The first direction has ended; the flush at the end of the other stream is on its way.
            right.endInput();
        }

        @Actor
        public void loop() {
            left.executor.enter();
            left.executor.runTasks();
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r1 = relay.cancel(1) ? "cancelled" : "refused";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            left.runTheRest();
            right.runTheRest();
            r.r2 = relay.getStatus(1);
            r.r3 = left.netty.isOpen() || right.netty.isOpen() ? "open" : "closed";
        }
    }

    /**
     * Removed: one word says who decides. Here the canceller sets a flag, and the second direction looks at it before it
     * closes the channels.
     *
     * <p>Goes wrong: the flag is set after the look, and the cancellation comes before the completion.
     */
    @JCStressTest
    @Outcome(id = "cancelled, CANCELED, open", expect = ACCEPTABLE, desc = "canceller -> end")
    @Outcome(id = "refused, SUCCEEDED, closed", expect = ACCEPTABLE, desc = "end -> canceller")
    @Outcome(id = "cancelled, CANCELED, closed", expect = ACCEPTABLE_INTERESTING, desc = "end looks at the flag -> canceller -> end closes: closed under whoever has cancelled")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenFlag {
        private final AtomicReference<String> status = new AtomicReference<>("PENDING");
        private volatile boolean stopped;
        private volatile boolean closed;

        @Actor
        public void loop() {
            if (!stopped) {
                closed = true;
                status.compareAndSet("PENDING", "SUCCEEDED");
            }
        }

        @Actor
        public void canceller(LLL_Result r) {
            stopped = true;
            r.r1 = status.compareAndSet("PENDING", "CANCELED") ? "cancelled" : "refused";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = status.get();
            r.r3 = closed ? "closed" : "open";
        }
    }
}
