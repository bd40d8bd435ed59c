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
 * The producer emits its last element and ends the sequence, while the consumer moves. The consumer sees the element and
 * then the end, whatever it overtakes, and it does not wait for an end that has come.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t CompleteVsMoveNextStress"</pre>
 */
public class CompleteVsMoveNextStress {
    private static final String ELEMENT = "element";
    private static final String END = "end";
    private static final String WAITS = "waits";

    private CompleteVsMoveNextStress() {}

    @JCStressTest
    @Outcome(id = "element, end, -", expect = ACCEPTABLE, desc = "producer -> consumer")
    @Outcome(id = "element, waits, end", expect = ACCEPTABLE, desc = "emit -> consumer -> complete")
    @Outcome(id = "waits, element, end", expect = ACCEPTABLE, desc = "consumer -> producer")
    @Outcome(id = "end, .*, .*", expect = FORBIDDEN, desc = "the end before the element: it is lost")
    @Outcome(id = ".*, waits, waits", expect = FORBIDDEN, desc = "the consumer waits for an end that has come")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final AsyncIteratorSource<String> iterator = new AsyncIteratorSource<>();
        private ValueTask<Boolean> move;

        @Actor
        public void producer() {
            iterator.tryEmit("last");
            iterator.complete();
        }

        @Actor
        public void consumer(LLL_Result r) {
            move = iterator.moveNext();
            r.r1 = answer();
            if (r.r1 == ELEMENT) {
                move = iterator.moveNext();
                r.r2 = answer();
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            if (r.r1 == WAITS) {
                r.r2 = answer();
                move = iterator.moveNext();
                r.r3 = answer();
            } else {
                r.r3 = r.r2 == WAITS ? answer() : "-";
            }
        }

        private String answer() {
            return !move.isCompleted() ? WAITS : Outcomes.take(move).equals(true) ? ELEMENT : END;
        }
    }

    /**
     * Removed: the one word. Element and end are two fields, and the consumer looks at the one and then at the other.
     *
     * <p>Goes wrong: both come after the first look, and the consumer sees no element and then the end. The element is
     * lost.
     */
    @JCStressTest
    @Outcome(id = "element, end, -", expect = ACCEPTABLE, desc = "producer -> consumer")
    @Outcome(id = "waits, element, end", expect = ACCEPTABLE, desc = "consumer -> producer")
    @Outcome(id = "end, -, -", expect = ACCEPTABLE_INTERESTING, desc = "no element -> emit -> complete -> the end: the element is lost")
    @State
    public static class BrokenTwoFields {
        private volatile boolean element;
        private volatile boolean ended;

        @Actor
        public void producer() {
            element = true;
            ended = true;
        }

        @Actor
        public void consumer(LLL_Result r) {
            r.r1 = element ? ELEMENT : ended ? END : WAITS;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = r.r1 == WAITS ? ELEMENT : r.r1 == ELEMENT ? END : "-";
            r.r3 = r.r1 == WAITS ? END : "-";
        }
    }
}
