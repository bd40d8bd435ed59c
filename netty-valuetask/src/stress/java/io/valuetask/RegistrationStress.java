package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LI_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * Completion against registration: the continuation runs once, or {@code onCompleted} answers false. Never both,
 * never neither; the latter is a lost wake-up, and somebody waits for ever.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t RegistrationStress"</pre>
 */
public class RegistrationStress {
    private RegistrationStress() {}

    @JCStressTest
    @Outcome(id = "registered, 1", expect = ACCEPTABLE, desc = "registrant -> completer")
    @Outcome(id = "too late, 0", expect = ACCEPTABLE, desc = "completer -> registrant, or it overtook it")
    @Outcome(id = "registered, 0", expect = FORBIDDEN, desc = "a lost wake-up")
    @Outcome(id = "too late, 1", expect = FORBIDDEN, desc = "resumed, although told to go on itself")
    @Outcome(expect = FORBIDDEN, desc = "resumed twice, or before the result could be taken")
    @State
    public static class Actual {
        private static final Consumer<Actual> TAKE = Actual::take;

        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();
        private final AtomicInteger resumed = new AtomicInteger();

        @Actor
        public void completer() {
            source.complete(token, "value");
        }

        @Actor
        public void registrant(LI_Result r) {
            boolean registered = source.onCompleted(TAKE, this, token, ValueTaskSourceOnCompletedFlags.NONE);
            r.r1 = registered ? "registered" : "too late";
            if (!registered) {
                // What the answer promises. Counted apart, since the continuation must not have run.
                resumed.addAndGet(Outcomes.take(source, token).equals("value") ? 0 : 1000);
            }
        }

        /** The outcome is published before the continuation runs, so that it can take it. */
        private void take() {
            resumed.addAndGet(Outcomes.take(source, token).equals("value") ? 1 : 1000);
        }

        @Arbiter
        public void arbiter(LI_Result r) {
            r.r2 = resumed.get();
        }
    }

    /**
     * Removed: the one word. Whether the operation is complete and who waits for it are two fields here, each
     * volatile. Each party writes its own and looks at the other's.
     *
     * <p>Goes wrong: between the registrant's look at {@code completed} and its store the completer finds nobody
     * to resume.
     */
    @JCStressTest
    @Outcome(id = "registered, 1", expect = ACCEPTABLE, desc = "registrant -> completer")
    @Outcome(id = "too late, 0", expect = ACCEPTABLE, desc = "completer -> registrant")
    @Outcome(id = "registered, 0", expect = ACCEPTABLE_INTERESTING, desc = "registrant looks -> completer -> registrant stores: a lost wake-up")
    @State
    public static class BrokenTwoFields {
        private volatile boolean completed;
        private volatile Runnable continuation;
        private final AtomicInteger resumed = new AtomicInteger();

        @Actor
        public void completer() {
            completed = true;
            Runnable waiter = continuation;
            if (waiter != null) {
                waiter.run();
            }
        }

        @Actor
        public void registrant(LI_Result r) {
            if (completed) {
                r.r1 = "too late";
                return;
            }
            continuation = resumed::incrementAndGet;
            r.r1 = "registered";
        }

        @Arbiter
        public void arbiter(LI_Result r) {
            r.r2 = resumed.get();
        }
    }
}
