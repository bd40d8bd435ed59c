package io.valuetask.netty;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * The event loop ends while an upgrade is among its tasks. Some loops still run such a task, and who listens for their
 * end cannot know: one of the two has the upgrade, and the message that it was given is passed on or released.
 *
 * <p>Results: what became of the upgrade, and of the message.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t UpgradeGoneStress"</pre>
 */
public class UpgradeGoneStress {
    private UpgradeGoneStress() {}

    @JCStressTest
    @Outcome(id = "SUCCEEDED, sent", expect = ACCEPTABLE, desc = "the task was first")
    @Outcome(id = "FAULTED, released", expect = ACCEPTABLE, desc = "the end was")
    @Outcome(id = "PENDING, .*", expect = FORBIDDEN, desc = "nobody ended it")
    @Outcome(expect = FORBIDDEN, desc = "both had it, or nobody has the message")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>();
        private final CountedMessage unread = new CountedMessage();
        private final Upgrade<String> upgrade = new Upgrade<>(channel.handler, pipeline -> {}, unread, null,
                "upgraded");

        public Actual() {
            channel.executor.shutDown();
            upgrade.start();
        }

        @Actor
        public void loop() {
            channel.executor.enter();
            channel.executor.runTasks();
        }

        @Actor
        public void end() {
            channel.executor.terminate();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = upgrade.getStatus(1);
            r.r2 = unread.fate(channel.netty.readInbound());
        }
    }

    /**
     * Removed: the CAS by which one of the two begins. Both test, and then set.
     *
     * <p>Goes wrong: both find that nobody has begun.
     */
    @JCStressTest
    @Outcome(id = "SUCCEEDED, sent", expect = ACCEPTABLE, desc = "the task was first")
    @Outcome(id = "FAULTED, released", expect = ACCEPTABLE, desc = "the end was")
    @Outcome(id = ".*, released, and sent", expect = ACCEPTABLE_INTERESTING, desc = "both test -> both set: passed on, and released under whoever has it")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenTestThenSet {
        private volatile boolean begun;
        private volatile boolean sent;
        private volatile boolean released;
        private volatile String status = "PENDING";

        @Actor
        public void loop() {
            if (!begun) {
                begun = true;
                sent = true;
                status = "SUCCEEDED";
            }
        }

        @Actor
        public void end() {
            if (!begun) {
                begun = true;
                released = true;
                status = "FAULTED";
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = status;
            r.r2 = released && sent ? "released, and sent" : sent ? "sent" : released ? "released" : "leaked";
        }
    }
}
