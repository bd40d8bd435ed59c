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
 * Two waiters come after the completion: one is told to go on, once, and the other is refused. So a second await cannot
 * take what the first is about to take.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TwoLateWaitersStress"</pre>
 */
public class TwoLateWaitersStress {
    private TwoLateWaitersStress() {}

    @JCStressTest
    @Outcome(id = "go on, misuse, value", expect = ACCEPTABLE, desc = "A is told")
    @Outcome(id = "misuse, go on, value", expect = ACCEPTABLE, desc = "B is told")
    @Outcome(id = "go on, go on, .*", expect = FORBIDDEN, desc = "both go on to take one result")
    @Outcome(expect = FORBIDDEN, desc = "nobody was told, or one was registered for ever")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();

        public Actual() {
            source.complete(token, "value");
        }

        @Actor
        public void waiterA(LLL_Result r) {
            r.r1 = register();
        }

        @Actor
        public void waiterB(LLL_Result r) {
            r.r2 = register();
        }

        private String register() {
            try {
                return source.onCompleted(state -> {}, null, token, ValueTaskSourceOnCompletedFlags.NONE)
                        ? "registered"
                        : "go on";
            } catch (ValueTaskMisuseException refused) {
                return Outcomes.MISUSE;
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = Outcomes.take(source, token);
        }
    }

    /**
     * Removed: the mark that somebody was told. As in .NET's core, whoever comes late finds the operation complete.
     *
     * <p>Goes wrong: always; the second is told the same as the first.
     */
    @JCStressTest
    @Outcome(id = "go on, misuse, value", expect = ACCEPTABLE, desc = "A is told")
    @Outcome(id = "misuse, go on, value", expect = ACCEPTABLE, desc = "B is told")
    @Outcome(id = "go on, go on, value", expect = ACCEPTABLE_INTERESTING, desc = "both are told")
    @State
    public static class BrokenLookOnly {
        private volatile boolean completed;
        private volatile Object waiter;

        public BrokenLookOnly() {
            completed = true;
        }

        @Actor
        public void waiterA(LLL_Result r) {
            r.r1 = register("A");
        }

        @Actor
        public void waiterB(LLL_Result r) {
            r.r2 = register("B");
        }

        private String register(String name) {
            if (completed) {
                return "go on";
            } else if (waiter == null) {
                waiter = name;
                return "registered";
            }
            return Outcomes.MISUSE;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = "value";
        }
    }
}
