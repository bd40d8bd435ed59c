package io.valuetask.netty;

import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
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
 * A handler has kept the promise of a write, and two threads complete it: one well, one with a failure. One of them is
 * told that it did, and the waiter learns what that one said.
 *
 * <p>Results: what each was told; what became of the operation.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t WriteOutcomeStress"</pre>
 */
public class WriteOutcomeStress {
    private WriteOutcomeStress() {}

    @JCStressTest
    @Outcome(id = "first, refused, SUCCEEDED", expect = ACCEPTABLE, desc = "the success was first")
    @Outcome(id = "refused, first, FAULTED", expect = ACCEPTABLE, desc = "the failure was first")
    @Outcome(id = "first, first, .*", expect = FORBIDDEN, desc = "completed twice")
    @Outcome(expect = FORBIDDEN, desc = "the waiter learns what the other one said, or nothing")
    @State
    public static class Actual {
        private final KeptPromise kept = new KeptPromise();
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>(kept);
        private final WriteOperation write;
        private final long token;

        public Actual() {
            channel.executor.enter();
            write = channel.outbound().write(new CountedMessage(), false, false);
            token = write.token();
            channel.executor.leave();
        }

        @Actor
        public void succeeds(LLL_Result r) {
            r.r1 = kept.promise.trySuccess() ? "first" : "refused";
        }

        @Actor
        public void fails(LLL_Result r) {
            r.r2 = kept.promise.tryFailure(new IOException()) ? "first" : "refused";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            channel.runTheRest();
            r.r3 = write.getStatus(token);
        }
    }

    /**
     * Removed: the CAS from STARTED. Both look at the progress, and then move it.
     *
     * <p>Goes wrong: both find the write open.
     */
    @JCStressTest
    @Outcome(id = "first, refused, SUCCEEDED", expect = ACCEPTABLE, desc = "the success was first")
    @Outcome(id = "refused, first, FAULTED", expect = ACCEPTABLE, desc = "the failure was first")
    @Outcome(id = "first, first, .*", expect = ACCEPTABLE_INTERESTING, desc = "both look -> both move: completed twice")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenMove {
        private volatile ValueTaskSourceStatus status = ValueTaskSourceStatus.PENDING;

        @Actor
        public void succeeds(LLL_Result r) {
            r.r1 = complete(ValueTaskSourceStatus.SUCCEEDED);
        }

        @Actor
        public void fails(LLL_Result r) {
            r.r2 = complete(ValueTaskSourceStatus.FAULTED);
        }

        private String complete(ValueTaskSourceStatus outcome) {
            if (status != ValueTaskSourceStatus.PENDING) {
                return "refused";
            }
            status = outcome;
            return "first";
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = status;
        }
    }
}
