package io.valuetask;

import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
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
 * Two waiters register for one operation: one is refused, and the other is resumed with its own continuation and
 * its own state.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TwoWaitersStress"</pre>
 */
public class TwoWaitersStress {
    private static final Consumer<Waiter> CONTINUATION_A = waiter -> waiter.resumedBy += "A";
    private static final Consumer<Waiter> CONTINUATION_B = waiter -> waiter.resumedBy += "B";

    private TwoWaitersStress() {}

    /** The state that goes with a continuation. */
    private static final class Waiter {
        private final String name;
        private String resumedBy = "";

        Waiter(String name) {
            this.name = name;
        }

        @Override
        public String toString() {
            return resumedBy.isEmpty() ? "" : "continuation " + resumedBy + " with state " + name;
        }
    }

    @JCStressTest
    @Outcome(id = "registered, misuse, continuation A with state A", expect = ACCEPTABLE, desc = "A -> B")
    @Outcome(id = "misuse, registered, continuation B with state B", expect = ACCEPTABLE, desc = "B -> A")
    @Outcome(id = ".*continuation A with state B", expect = FORBIDDEN, desc = "A runs with the state of B")
    @Outcome(id = ".*continuation B with state A", expect = FORBIDDEN, desc = "B runs with the state of A")
    @Outcome(expect = FORBIDDEN, desc = "both registered, or nobody")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();
        private final Waiter a = new Waiter("A");
        private final Waiter b = new Waiter("B");

        @Actor
        public void waiterA(LLL_Result r) {
            r.r1 = register(CONTINUATION_A, a);
        }

        @Actor
        public void waiterB(LLL_Result r) {
            r.r2 = register(CONTINUATION_B, b);
        }

        private String register(Consumer<Waiter> continuation, Waiter state) {
            try {
                return source.onCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.NONE)
                        ? "registered"
                        : "too late";
            } catch (ValueTaskMisuseException refused) {
                return Outcomes.MISUSE;
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            source.complete(token, "value");
            r.r3 = a.toString() + b;
        }
    }

    /**
     * Removed: the claim before the write. As in .NET's core, the state is written first and the CAS on the
     * continuation decides afterwards.
     *
     * <p>Goes wrong: the loser has replaced the winner's state by the time it loses.
     */
    @JCStressTest
    @Outcome(id = "registered, misuse, continuation A with state A", expect = ACCEPTABLE, desc = "A -> B")
    @Outcome(id = "misuse, registered, continuation B with state B", expect = ACCEPTABLE, desc = "B -> A")
    @Outcome(id = "registered, misuse, continuation A with state B", expect = ACCEPTABLE_INTERESTING, desc = "B looks -> A -> B writes its state and loses")
    @Outcome(id = "misuse, registered, continuation B with state A", expect = ACCEPTABLE_INTERESTING, desc = "A looks -> B -> A writes its state and loses")
    @State
    public static class BrokenStateBeforeClaim {
        private final AtomicReference<Consumer<Waiter>> continuation = new AtomicReference<>();
        private volatile Waiter state;
        private final Waiter a = new Waiter("A");
        private final Waiter b = new Waiter("B");

        @Actor
        public void waiterA(LLL_Result r) {
            r.r1 = register(CONTINUATION_A, a);
        }

        @Actor
        public void waiterB(LLL_Result r) {
            r.r2 = register(CONTINUATION_B, b);
        }

        private String register(Consumer<Waiter> waiter, Waiter itsState) {
            if (continuation.get() == null) {
                state = itsState;
                if (continuation.compareAndSet(null, waiter)) {
                    return "registered";
                }
            }
            return Outcomes.MISUSE;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            continuation.get().accept(state);
            r.r3 = a.toString() + b;
        }
    }
}
