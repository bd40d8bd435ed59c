package io.valuetask;

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
 * A body is cancelled as it ends. One of the two decides the outcome, and the interrupt reaches the runner before its
 * run is over or not at all: not what its thread does next.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t BodyCancelStress"</pre>
 */
public class BodyCancelStress {
    private BodyCancelStress() {}

    @JCStressTest
    @Outcome(id = "clear, too late, value", expect = ACCEPTABLE, desc = "the body ends -> cancel")
    @Outcome(id = "clear, canceled, canceled", expect = ACCEPTABLE, desc = "cancel -> the body ends")
    @Outcome(id = "interrupted.*", expect = FORBIDDEN, desc = "the interrupt got out of the run")
    @Outcome(expect = FORBIDDEN, desc = "an outcome that is not the winner's")
    @State
    public static class Actual {
        private final ValueTaskSourcePool<StartedBody<?>> pool = new ValueTaskSourcePool<>(1,
                StartedBody::new);
        private Runnable submitted;
        private final StartedBody<?> source = StartedBody.start(pool, this::submit, () -> "value");

        private void submit(Runnable runnable) {
            submitted = runnable;
        }

        @Actor
        public void runner(LLL_Result r) {
            // An interrupt of an earlier round may come now.
            boolean before = Thread.interrupted();
            submitted.run();
            boolean after = Thread.interrupted();
            r.r1 = before || after ? "interrupted" : "clear";
        }

        @Actor
        public void canceller(LLL_Result r) {
            r.r2 = source.cancel(source.token()) ? "canceled" : "too late";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = Outcomes.take(source, source.token());
        }
    }

    /**
     * Removed: INTERRUPTING. The canceller sees that the body runs, and interrupts. The thread is a model, so that no
     * real one is interrupted late.
     *
     * <p>Goes wrong: the runner clears the interrupt and leaves before it is sent.
     */
    @JCStressTest
    @Outcome(id = "clear, too late, value", expect = ACCEPTABLE, desc = "the body ends -> cancel")
    @Outcome(id = "clear, canceled, canceled", expect = ACCEPTABLE, desc = "cancel -> the body ends")
    @Outcome(id = "interrupted, canceled, canceled", expect = ACCEPTABLE_INTERESTING, desc = "cancel looks -> the run is over -> interrupt")
    @State
    public static class BrokenLookThenInterrupt {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();
        private volatile boolean running = true;
        private volatile boolean interrupted;

        @Actor
        public void runner() {
            source.tryComplete(token, "value");
            running = false;
            interrupted = false;
        }

        @Actor
        public void canceller(LLL_Result r) {
            if (source.cancel(token)) {
                r.r2 = "canceled";
                if (running) {
                    interrupted = true;
                }
            } else {
                r.r2 = "too late";
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r1 = interrupted ? "interrupted" : "clear";
            r.r3 = Outcomes.take(source, token);
        }
    }
}
