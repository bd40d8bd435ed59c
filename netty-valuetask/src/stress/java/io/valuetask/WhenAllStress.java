package io.valuetask;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
 * The last two inputs of a combination complete at the same time: it completes once, with both results.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t WhenAllStress"</pre>
 */
public class WhenAllStress {
    private WhenAllStress() {}

    @JCStressTest
    @Outcome(id = "\\[left, right\\], 1", expect = ACCEPTABLE, desc = "combined")
    @Outcome(id = "misuse, 0", expect = FORBIDDEN, desc = "each took the other for the last: never completed")
    @Outcome(expect = FORBIDDEN, desc = "combined twice, or with the wrong results")
    @State
    public static class Actual {
        private static final Consumer<AtomicInteger> COUNT = AtomicInteger::incrementAndGet;

        private final ManualResetValueTaskSource<String> left = new ManualResetValueTaskSource<>();
        private final ManualResetValueTaskSource<String> right = new ManualResetValueTaskSource<>();
        private final ValueTask<List<String>> all = ValueTasks.whenAll(ValueTask.fromSource(left, left.arm()),
                ValueTask.fromSource(right, right.arm()));
        private final AtomicInteger resumed = new AtomicInteger();

        public Actual() {
            all.onCompleted(COUNT, resumed);
        }

        @Actor
        public void completerOfLeft() {
            left.complete(1, "left");
        }

        @Actor
        public void completerOfRight() {
            right.complete(1, "right");
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = String.valueOf(Outcomes.take(Handle.source(all.payload()), all.token())); // a result is serialized
            r.r2 = resumed.get();
        }
    }

    /**
     * Removed: the atomic count. How many are left is read, and written less one.
     *
     * <p>Goes wrong: both read two, and nobody is the last.
     */
    @JCStressTest
    @Outcome(id = "\\[left, right\\], 1", expect = ACCEPTABLE, desc = "left -> right, or right -> left")
    @Outcome(id = "misuse, 0", expect = ACCEPTABLE_INTERESTING, desc = "left reads -> right reads -> none is the last")
    @State
    public static class BrokenCount {
        private volatile int remaining = 2;
        private final AtomicInteger resumed = new AtomicInteger();

        @Actor
        public void completerOfLeft() {
            completed();
        }

        @Actor
        public void completerOfRight() {
            completed();
        }

        private void completed() {
            int left = remaining - 1;
            remaining = left;
            if (left == 0) {
                resumed.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = resumed.get() == 0 ? Outcomes.MISUSE : "[left, right]";
            r.r2 = resumed.get();
        }
    }
}
