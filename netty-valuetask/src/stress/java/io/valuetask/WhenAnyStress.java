package io.valuetask;

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
 * Two inputs complete at the same time: one of them is named, once, and its result left alone; the other is cancelled,
 * or its result released.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t WhenAnyStress"</pre>
 */
public class WhenAnyStress {
    private WhenAnyStress() {}

    @JCStressTest
    @Outcome(id = "0, 1, kept, released", expect = ACCEPTABLE, desc = "left first, right too late to be cancelled")
    @Outcome(id = "0, 1, kept, canceled", expect = ACCEPTABLE, desc = "left first, right cancelled")
    @Outcome(id = "1, 1, released, kept", expect = ACCEPTABLE, desc = "right first, left too late to be cancelled")
    @Outcome(id = "1, 1, canceled, kept", expect = ACCEPTABLE, desc = "right first, left cancelled")
    @Outcome(id = ".*, kept, kept", expect = FORBIDDEN, desc = "both believe to be the first: a result is lost")
    @Outcome(expect = FORBIDDEN, desc = "named twice or never, or the result of the first is gone")
    @State
    public static class Actual {
        private static final Consumer<AtomicInteger> COUNT = AtomicInteger::incrementAndGet;

        private final ManualResetValueTaskSource<Result> left = new ManualResetValueTaskSource<>();
        private final ManualResetValueTaskSource<Result> right = new ManualResetValueTaskSource<>();
        private final Result ofLeft = new Result();
        private final Result ofRight = new Result();
        private final IntValueTask any = ValueTasks.whenAny(ValueTask.fromSource(left, left.arm()),
                ValueTask.fromSource(right, right.arm()));
        private final AtomicInteger resumed = new AtomicInteger();

        public Actual() {
            any.onCompleted(COUNT, resumed);
        }

        @Actor
        public void completerOfLeft(LLLL_Result r) {
            r.r3 = left.tryComplete(1, ofLeft);
        }

        @Actor
        public void completerOfRight(LLLL_Result r) {
            r.r4 = right.tryComplete(1, ofRight);
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            r.r1 = Outcomes.take(Handle.source(any.payload()), any.token());
            r.r2 = resumed.get();
            r.r3 = describe(r.r3, ofLeft, left);
            r.r4 = describe(r.r4, ofRight, right);
        }

        private static Object describe(Object accepted, Result result,
                ManualResetValueTaskSource<Result> source) {
            Object taken = Outcomes.take(source, 1);
            if (taken == result) {
                return result.released == 0 ? "kept" : "released, but left";
            } else if (taken != Outcomes.MISUSE) {
                return taken;
            }
            return result.released == 1 ? "released" : accepted.equals(false) ? "canceled" : "lost";
        }
    }

    /** Counts how often it was released. By one thread, and read by the arbiter. */
    private static final class Result implements AutoCloseable {
        private int released;

        @Override
        public void close() {
            released++;
        }
    }

    /**
     * Removed: the right to decide. Whether there is a first one is looked up, and then written.
     *
     * <p>Goes wrong: both find none, both are named, and nobody releases either result.
     */
    @JCStressTest
    @Outcome(id = "0, 1, kept, released", expect = ACCEPTABLE, desc = "left -> right")
    @Outcome(id = "1, 1, released, kept", expect = ACCEPTABLE, desc = "right -> left")
    @Outcome(id = ".*, 2, kept, kept", expect = ACCEPTABLE_INTERESTING, desc = "left looks -> right looks -> both are the first")
    @State
    public static class BrokenLookThenDecide {
        private volatile int first = -1;
        private final AtomicInteger resumed = new AtomicInteger();

        @Actor
        public void completerOfLeft(LLLL_Result r) {
            r.r3 = completed(0);
        }

        @Actor
        public void completerOfRight(LLLL_Result r) {
            r.r4 = completed(1);
        }

        private Object completed(int index) {
            if (first >= 0) {
                return "released";
            }
            first = index;
            resumed.incrementAndGet();
            return "kept";
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            r.r1 = first;
            r.r2 = resumed.get();
        }
    }
}
