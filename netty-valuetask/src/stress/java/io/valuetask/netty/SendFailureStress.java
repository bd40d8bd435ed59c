package io.valuetask.netty;

import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A message that nobody awaits could not be sent. The next operation is told so, and here the next ones are two at
 * once: a send by any thread, and a flush on the event loop. Exactly one is told.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t SendFailureStress"</pre>
 */
public class SendFailureStress {
    private SendFailureStress() {}

    @JCStressTest
    @Outcome(id = "fails, flushes", expect = ACCEPTABLE, desc = "the send was told")
    @Outcome(id = "sends, fails", expect = ACCEPTABLE, desc = "the flush was told")
    @Outcome(id = "fails, fails", expect = FORBIDDEN, desc = "both were told of one failure")
    @Outcome(id = "sends, flushes", expect = FORBIDDEN, desc = "nobody was told")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>();

        public Actual() {
            channel.outbound().sendFailed(new IOException());
        }

        @Actor
        public void sender(LL_Result r) {
            RoomOperation refused = channel.outbound().send(new CountedMessage(), false);
            r.r1 = refused != null && refused.getStatus(refused.token()) == ValueTaskSourceStatus.FAULTED
                    ? "fails"
                    : "sends";
        }

        @Actor
        public void loop(LL_Result r) {
            channel.executor.enter();
            r.r2 = channel.outbound().takeUnflushedFailure() != null ? "fails" : "flushes";
        }
    }

    /**
     * Removed: the exchange. The failure is read, and then cleared.
     *
     * <p>Goes wrong: both read it before either has cleared it.
     */
    @JCStressTest
    @Outcome(id = "fails, flushes", expect = ACCEPTABLE, desc = "the send was told")
    @Outcome(id = "sends, fails", expect = ACCEPTABLE, desc = "the flush was told")
    @Outcome(id = "fails, fails", expect = ACCEPTABLE_INTERESTING, desc = "both read -> both clear: both were told of one failure")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenReadThenClear {
        private volatile Throwable sendFailure = new IOException();

        @Actor
        public void sender(LL_Result r) {
            r.r1 = take() != null ? "fails" : "sends";
        }

        @Actor
        public void loop(LL_Result r) {
            r.r2 = take() != null ? "fails" : "flushes";
        }

        private Throwable take() {
            Throwable failure = sendFailure;
            if (failure != null) {
                sendFailure = null;
            }
            return failure;
        }
    }
}
