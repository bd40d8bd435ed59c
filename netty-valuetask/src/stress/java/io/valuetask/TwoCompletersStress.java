package io.valuetask;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
 * Two completers of one operation: one is told that it completed it, the result is that one's, and the waiter is
 * resumed once.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TwoCompletersStress"</pre>
 */
public class TwoCompletersStress {
    private TwoCompletersStress() {}

    @JCStressTest
    @Outcome(id = "true, false, A, 1", expect = ACCEPTABLE, desc = "A -> B")
    @Outcome(id = "false, true, B, 1", expect = ACCEPTABLE, desc = "B -> A")
    @Outcome(id = "true, true, .*", expect = FORBIDDEN, desc = "both believe to have completed it")
    @Outcome(id = "true, false, B, .*", expect = FORBIDDEN, desc = "the result of the completer that lost")
    @Outcome(id = "false, true, A, .*", expect = FORBIDDEN, desc = "the result of the completer that lost")
    @Outcome(expect = FORBIDDEN, desc = "not resumed exactly once")
    @State
    public static class Actual {
        private static final Consumer<AtomicInteger> COUNT = AtomicInteger::incrementAndGet;

        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();
        private final AtomicInteger resumed = new AtomicInteger();

        public Actual() {
            source.onCompleted(COUNT, resumed, token, ValueTaskSourceOnCompletedFlags.NONE);
        }

        @Actor
        public void completerA(LLLL_Result r) {
            r.r1 = source.tryComplete(token, "A");
        }

        @Actor
        public void completerB(LLLL_Result r) {
            r.r2 = source.tryComplete(token, "B");
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            r.r3 = Outcomes.take(source, token);
            r.r4 = resumed.get();
        }
    }

    /**
     * Removed: the claim before the write. As in .NET's core, the result is written first and then it is seen
     * whether the operation was complete. (There the test is not even atomic; here it is, to isolate the order.)
     *
     * <p>Goes wrong: the completer that is refused has replaced the result.
     */
    @JCStressTest
    @Outcome(id = "true, false, A, 1", expect = ACCEPTABLE, desc = "B writes -> A writes -> A claims")
    @Outcome(id = "false, true, B, 1", expect = ACCEPTABLE, desc = "A writes -> B writes -> B claims")
    @Outcome(id = "true, false, B, 1", expect = ACCEPTABLE_INTERESTING, desc = "A -> B writes and is refused")
    @Outcome(id = "false, true, A, 1", expect = ACCEPTABLE_INTERESTING, desc = "B -> A writes and is refused")
    @State
    public static class BrokenResultBeforeClaim {
        private final AtomicBoolean completed = new AtomicBoolean();
        private volatile String result;
        private final AtomicInteger resumed = new AtomicInteger();

        @Actor
        public void completerA(LLLL_Result r) {
            r.r1 = tryComplete("A");
        }

        @Actor
        public void completerB(LLLL_Result r) {
            r.r2 = tryComplete("B");
        }

        private boolean tryComplete(String value) {
            result = value;
            if (!completed.compareAndSet(false, true)) {
                return false;
            }
            resumed.incrementAndGet();
            return true;
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            r.r3 = result;
            r.r4 = resumed.get();
        }
    }
}
