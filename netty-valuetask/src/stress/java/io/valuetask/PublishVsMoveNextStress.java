package io.valuetask;

import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.lang.invoke.MethodHandles.lookup;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A publisher signals an element while the consumer of an {@link AsyncIteratorSubscriber} moves to it.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PublishVsMoveNextStress"</pre>
 */
public class PublishVsMoveNextStress {
    private PublishVsMoveNextStress() {}

    @JCStressTest
    @Outcome(id = "at once, true", expect = ACCEPTABLE, desc = "onNext -> move")
    @Outcome(id = "waited, true", expect = ACCEPTABLE, desc = "move -> onNext, which completes it")
    @Outcome(id = "waited, misuse", expect = FORBIDDEN, desc = "the consumer waits for an element that is there")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final AsyncIteratorSubscriber<String> iterator = new AsyncIteratorSubscriber<>();
        private ValueTask<Boolean> move;

        @Actor
        public void publisher() {
            iterator.onNext("element");
        }

        @Actor
        public void consumer(LL_Result r) {
            move = iterator.moveNext();
            r.r1 = move.isCompleted() ? "at once" : "waited";
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = Outcomes.take(move);
        }
    }

    /**
     * Removed: the publisher's fence, between the element and its look for a move that waits.
     *
     * <p>Goes wrong: a release store may be delayed past a later load, on x86 too. The publisher finds nobody who waits,
     * the consumer finds no element, and then the store leaves the store buffer.
     */
    @JCStressTest
    @Outcome(id = "at once, true", expect = ACCEPTABLE, desc = "onNext -> move")
    @Outcome(id = "waited, true", expect = ACCEPTABLE, desc = "move -> onNext")
    @Outcome(id = "waited, misuse", expect = ACCEPTABLE_INTERESTING, desc = "publisher looks -> consumer waits -> the element arrives")
    @State
    public static class BrokenNoFence {
        private static final VarHandle FULL = fieldVarHandle(lookup(), "full", VarHandle.class,
                BrokenNoFence.class, boolean.class);
        private static final VarHandle PENDING = fieldVarHandle(lookup(), "pending", VarHandle.class,
                BrokenNoFence.class, boolean.class);

        @SuppressWarnings("unused")
        private boolean full;
        @SuppressWarnings("unused")
        private boolean pending;
        private boolean completed;

        @Actor
        public void publisher() {
            FULL.setRelease(this, true);
            completed = (boolean) PENDING.getAcquire(this);
        }

        @Actor
        public void consumer(LL_Result r) {
            PENDING.setRelease(this, true);
            VarHandle.fullFence();
            r.r1 = (boolean) FULL.getAcquire(this) ? "at once" : "waited";
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = completed || r.r1.equals("at once") ? true : Outcomes.MISUSE;
        }
    }
}
