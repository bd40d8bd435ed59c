package io.valuetask.netty;

import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
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
 * The two directions of a relay end at once, each on the event loop of the channel that it sent on: one well, the
 * other with a failure. The relay is over, it has failed, and both channels are closed.
 *
 * <p>Results: what became of the relay, and of the channels.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t RelayEndStress"</pre>
 */
public class RelayEndStress {
    private RelayEndStress() {}

    @JCStressTest
    @Outcome(id = "FAULTED, closed", expect = ACCEPTABLE, desc = "over, and the failure is told")
    @Outcome(id = "SUCCEEDED, .*", expect = FORBIDDEN, desc = "the failure was lost")
    @Outcome(id = "PENDING, .*", expect = FORBIDDEN, desc = "neither was the second to end: it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> left = new ActorChannel<>();
        private final ActorChannel<CountedMessage> right = new ActorChannel<>();
        private final Relay relay = new Relay(left.handler.channel(), right.handler.channel());

        public Actual() {
            relay.start();
            right.outbound().sendFailed(new IOException());
            // The flushes at the end of both streams are on their way.
            left.endInput();
            right.endInput();
        }

        @Actor
        public void left() {
            left.executor.enter();
            left.executor.runTasks();
        }

        @Actor
        public void right() {
            right.executor.enter();
            right.executor.runTasks();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            left.runTheRest();
            right.runTheRest();
            r.r1 = relay.getStatus(1);
            r.r2 = left.netty.isOpen() || right.netty.isOpen() ? "open" : "closed";
        }
    }

    /**
     * Removed: the atomic step in which a direction takes itself off the count.
     *
     * <p>Goes wrong: both find that the other one goes on.
     */
    @JCStressTest
    @Outcome(id = "FAULTED, closed", expect = ACCEPTABLE, desc = "over, and the failure is told")
    @Outcome(id = "PENDING, closed", expect = ACCEPTABLE_INTERESTING, desc = "both load -> both store: neither was the second to end, it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenPlainCount {
        private volatile int running = 2;
        private volatile boolean failed;
        private volatile ValueTaskSourceStatus status = ValueTaskSourceStatus.PENDING;

        @Actor
        public void left() {
            end();
        }

        @Actor
        public void right() {
            failed = true;
            end();
        }

        private void end() {
            int left = running - 1;
            running = left;
            if (left == 0) {
                status = failed ? ValueTaskSourceStatus.FAULTED : ValueTaskSourceStatus.SUCCEEDED;
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = status;
            r.r2 = "closed";
        }
    }

    /**
     * Removed: the order of the failure and the count. Here a direction takes itself off the count first.
     *
     * <p>Goes wrong: the other one is the last, and finds no failure.
     */
    @JCStressTest
    @Outcome(id = "FAULTED, closed", expect = ACCEPTABLE, desc = "over, and the failure is told")
    @Outcome(id = "SUCCEEDED, closed", expect = ACCEPTABLE_INTERESTING, desc = "right counts -> left counts, completes -> right fails: the failure was lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenCountFirst {
        private static final VarHandle RUNNING = fieldVarHandle(lookup(), "running", VarHandle.class,
                BrokenCountFirst.class, int.class);

        private volatile int running = 2;
        private volatile boolean failed;
        private volatile ValueTaskSourceStatus status = ValueTaskSourceStatus.PENDING;

        @Actor
        public void left() {
            boolean last = (int) RUNNING.getAndAdd(this, -1) == 1;
            end(last);
        }

        @Actor
        public void right() {
            boolean last = (int) RUNNING.getAndAdd(this, -1) == 1;
            failed = true;
            end(last);
        }

        private void end(boolean last) {
            if (last) {
                status = failed ? ValueTaskSourceStatus.FAULTED : ValueTaskSourceStatus.SUCCEEDED;
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = status;
            r.r2 = "closed";
        }
    }
}
