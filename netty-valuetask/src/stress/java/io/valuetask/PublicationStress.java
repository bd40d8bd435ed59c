package io.valuetask;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A result with plain fields is completed by one thread and taken by another that learns of it from
 * {@code getStatus} alone: no continuation, no other synchronization. It is there entirely or not at all.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PublicationStress"</pre>
 */
public class PublicationStress {
    private PublicationStress() {}

    /** No final field, so that its constructor publishes nothing. */
    private static final class Message {
        private int length;
        private String text;

        Message(int length, String text) {
            this.length = length;
            this.text = text;
        }

        static String describe(Object message) {
            if (!(message instanceof Message m)) {
                return "nothing";
            }
            return m.length == 4 && "text".equals(m.text) ? "whole" : "torn";
        }
    }

    @JCStressTest
    @Outcome(id = "pending", expect = ACCEPTABLE, desc = "poller -> completer")
    @Outcome(id = "whole", expect = ACCEPTABLE, desc = "completer -> poller")
    @Outcome(id = "nothing", expect = FORBIDDEN, desc = "complete, but its result is not there")
    @Outcome(id = "torn", expect = FORBIDDEN, desc = "complete, but its result is half written")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<Message> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();

        @Actor
        public void completer() {
            source.complete(token, new Message(4, "text"));
        }

        @Actor
        public void poller(L_Result r) {
            r.r1 = source.getStatus(token) == ValueTaskSourceStatus.PENDING
                    ? "pending"
                    : Message.describe(Outcomes.take(source, token));
        }
    }

    /**
     * Removed: release and acquire. Flag and result are plain fields, written and read in the right order.
     *
     * <p>Goes wrong: nothing keeps that order. A weakly ordered processor reorders both sides. x86 reorders
     * neither two stores nor two loads, so what shows there is the work of the JIT alone, which may exchange
     * independent plain accesses, and does.
     */
    @JCStressTest
    @Outcome(id = "pending", expect = ACCEPTABLE, desc = "poller -> completer")
    @Outcome(id = "whole", expect = ACCEPTABLE, desc = "completer -> poller")
    @Outcome(id = {"nothing",
        "torn"}, expect = ACCEPTABLE_INTERESTING, desc = "poller reads the result -> completer -> poller reads the flag")
    @State
    public static class BrokenPlainFields {
        private Message result;
        private boolean completed;

        @Actor
        public void completer() {
            result = new Message(4, "text");
            completed = true;
        }

        @Actor
        public void poller(L_Result r) {
            r.r1 = !completed ? "pending" : Message.describe(result);
        }
    }
}
