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
 * The producer hands an element over and waits to be asked for the next one; the consumer asks for an element and, if it
 * gets one at once, for the next. Neither waits for what is there, and the producer does not go on unasked.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t EmitVsMoveNextStress"</pre>
 */
public class EmitVsMoveNextStress {
    private static final String WAITED = "waited";
    private static final String ASKED_AGAIN = "asked again";
    private static final String ANSWERED = "answered";
    private static final String HANGS = "hangs";

    private EmitVsMoveNextStress() {}

    @JCStressTest
    @Outcome(id = "waited, answered, hangs", expect = ACCEPTABLE, desc = "move -> emit: the emit waits, as nobody has asked again")
    @Outcome(id = "asked again, answered, answered", expect = ACCEPTABLE, desc = "emit -> move -> move: the emit is over")
    @Outcome(id = "waited, hangs, .*", expect = FORBIDDEN, desc = "the consumer waits for an element that is there")
    @Outcome(id = "asked again, answered, hangs", expect = FORBIDDEN, desc = "the producer waits for a request that was made")
    @Outcome(id = "waited, answered, answered", expect = FORBIDDEN, desc = "the producer goes on unasked")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final AsyncIteratorSource<String> iterator = new AsyncIteratorSource<>();
        private ValueTask<?> emit;
        private ValueTask<Boolean> move;

        @Actor
        public void producer() {
            emit = iterator.emit("element");
        }

        @Actor
        public void consumer(LLL_Result r) {
            move = iterator.moveNext();
            r.r1 = WAITED;
            if (move.isCompleted()) {
                Outcomes.take(move);
                iterator.moveNext();
                r.r1 = ASKED_AGAIN;
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = r.r1 == ASKED_AGAIN || move.isCompleted() ? ANSWERED : HANGS;
            r.r3 = emit.isCompleted() ? ANSWERED : HANGS;
        }
    }

    /**
     * Removed: the second look. Whoever finds nothing begins to wait, and does not look again when the other side can see
     * that it waits.
     *
     * <p>Goes wrong: the element comes after the look and before the wait, and its producer finds nobody who waits.
     */
    @JCStressTest
    @Outcome(id = "waited, answered, hangs", expect = ACCEPTABLE, desc = "move -> emit")
    @Outcome(id = "asked again, answered, hangs", expect = ACCEPTABLE, desc = "emit -> move")
    @Outcome(id = "waited, hangs, hangs", expect = ACCEPTABLE_INTERESTING, desc = "consumer looks -> emit -> consumer waits: for an element that is there")
    @State
    public static class BrokenLooksOnce {
        private volatile boolean full;
        private volatile boolean waits;
        private volatile boolean answered;

        @Actor
        public void producer(LLL_Result r) {
            full = true;
            if (waits) {
                answered = true;
            }
            r.r3 = HANGS;
        }

        @Actor
        public void consumer(LLL_Result r) {
            if (full) {
                answered = true;
                r.r1 = ASKED_AGAIN;
            } else {
                waits = true;
                r.r1 = WAITED;
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = answered ? ANSWERED : HANGS;
        }
    }
}
