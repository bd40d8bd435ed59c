package io.valuetask;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * Of many inputs the first has decided, nobody can cancel the others, and two of one block complete at once. Each result
 * is taken once.
 *
 * <p>Result: how many were taken.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t InputBlockStress"</pre>
 */
public class InputBlockStress {
    private InputBlockStress() {}

    /** Completes when it is told to, and cannot be cancelled. */
    private static final class Input implements ValueTaskSource<Object> {
        /** Ends in no time: it stands for all inputs that are of no interest. */
        private static final ValueTask<?> NEVER = ValueTask.fromSource(new Input(null), 1);

        private final AtomicInteger taken;
        private volatile boolean complete;
        private Runnable waiter;

        Input(AtomicInteger taken) {
            this.taken = taken;
        }

        void complete() {
            complete = true;
            waiter.run();
        }

        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return complete ? ValueTaskSourceStatus.SUCCEEDED : ValueTaskSourceStatus.PENDING;
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
            if (taken != null) {
                waiter = () -> continuation.accept(state);
            }
            return true;
        }

        @Override
        public Object getResult(long token) {
            taken.getAndIncrement();
            return "result";
        }

        @Override
        public boolean cancel(long token) {
            return false;
        }
    }

    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "each was taken")
    @Outcome(expect = FORBIDDEN, desc = "one is overlooked, or taken twice")
    @State
    public static class Actual {
        private final AtomicInteger taken = new AtomicInteger();
        private final Input left = new Input(taken);
        private final Input right = new Input(taken);

        public Actual() {
            Input first = new Input(taken);
            ValueTask<?>[] inputs = new ValueTask<?>[InputBlock.SIZE + 1];
            Arrays.fill(inputs, Input.NEVER);
            inputs[0] = ValueTask.fromSource(first, 1);
            inputs[1] = ValueTask.fromSource(left, 1);
            inputs[2] = ValueTask.fromSource(right, 1);
            new AnyOf(inputs).start();
            first.complete();
        }

        @Actor
        public void left() {
            left.complete();
        }

        @Actor
        public void right() {
            right.complete();
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = taken.get();
        }
    }

    /**
     * Removed: the order of the one inside, who takes the arrivals of a block and then looks at its inputs. Here it looks
     * first.
     *
     * <p>Goes wrong: an input completes in between, finds its block counted, and is counted off with the others.
     */
    @JCStressTest
    @Outcome(id = "2", expect = ACCEPTABLE, desc = "each was taken")
    @Outcome(id = "1", expect = ACCEPTABLE_INTERESTING, desc = "inside looks -> the other completes and finds its block counted -> inside takes the count: overlooked")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenTake {
        /** That of the one inside. */
        private final AtomicInteger arrivals = new AtomicInteger(1);
        private volatile boolean complete;
        private boolean pushed;
        private int taken = 1;

        @Actor
        public void inside() {
            if (complete) {
                taken++;
                complete = false;
            }
            arrivals.getAndSet(0);
        }

        @Actor
        public void other() {
            complete = true;
            pushed = arrivals.getAndIncrement() == 0;
        }

        @Arbiter
        public void arbiter(I_Result r) {
            if (pushed && complete) {
                taken++;
            }
            r.r1 = taken;
        }
    }
}
