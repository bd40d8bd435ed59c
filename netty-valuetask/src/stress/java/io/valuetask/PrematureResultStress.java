package io.valuetask;

import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * Somebody asks for the result without knowing whether there is one, while it is being completed: he gets it, or is
 * refused; and a refusal does not free the source under the operation that is still going on.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PrematureResultStress"</pre>
 */
public class PrematureResultStress {
    private PrematureResultStress() {}

    @JCStressTest
    @Outcome(id = "value, completed, misuse, 2", expect = ACCEPTABLE, desc = "complete -> take")
    @Outcome(id = "misuse, completed, value, 2", expect = ACCEPTABLE, desc = "take too early -> complete")
    @Outcome(id = "misuse, refused, .*", expect = FORBIDDEN, desc = "the refused consumer ended the operation")
    @Outcome(expect = FORBIDDEN, desc = "a result taken twice, lost, or a source that is not free afterwards")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();

        @Actor
        public void consumer(LLLL_Result r) {
            r.r1 = Outcomes.take(source, token);
        }

        @Actor
        public void completer(LLLL_Result r) {
            r.r2 = source.tryComplete(token, "value") ? "completed" : "refused";
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            r.r3 = Outcomes.take(source, token);
            r.r4 = source.tryArm();
        }
    }

    /**
     * Removed: consumption as the effect of the winning step. As in .NET's pooled builders, the source is freed in a
     * {@code finally}, whether there was a result or not.
     *
     * <p>Goes wrong: the early consumer frees a source whose operation still runs; its completer finds another one's.
     */
    @JCStressTest
    @Outcome(id = "value, completed, misuse, 2", expect = ACCEPTABLE, desc = "complete -> take")
    @Outcome(id = "misuse, completed, .*", expect = ACCEPTABLE, desc = "take too early, at the last moment")
    @Outcome(id = "misuse, refused, misuse, 2", expect = ACCEPTABLE_INTERESTING, desc = "take too early -> freed under the operation")
    @State
    public static class BrokenFreeInFinally {
        private static final String FREE = "free";
        private static final String PENDING = "pending";

        private final AtomicReference<String> stateOrResult = new AtomicReference<>(PENDING);
        private volatile long version = 1;

        @Actor
        public void consumer(LLLL_Result r) {
            r.r1 = take();
        }

        @Actor
        public void completer(LLLL_Result r) {
            r.r2 = stateOrResult.compareAndSet(PENDING, "value") ? "completed" : "refused";
        }

        private Object take() {
            if (version != 1) {
                return Outcomes.MISUSE;
            }
            try {
                String taken = stateOrResult.get();
                return taken.equals("value") ? taken : Outcomes.MISUSE;
            } finally {
                stateOrResult.set(FREE);
                version = 2;
            }
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            r.r3 = take();
            r.r4 = version;
        }
    }
}
