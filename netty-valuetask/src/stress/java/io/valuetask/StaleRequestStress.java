package io.valuetask;

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
 * A consumer asks, and then looks for a producer that waits to be asked. Meanwhile the producer has seen the request
 * itself, has emitted, and waits for the next one. The consumer must not take the new wait for the old one.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t StaleRequestStress"</pre>
 */
public class StaleRequestStress {
    private StaleRequestStress() {}

    @JCStressTest
    @Outcome(id = "unasked, -", expect = ACCEPTABLE, desc = "producer -> consumer: not asked yet")
    @Outcome(id = "emitted, waits", expect = ACCEPTABLE, desc = "consumer -> producer: the next request was not made")
    @Outcome(id = "emitted, answered", expect = FORBIDDEN, desc = "the request for this element was taken for the next one")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final AsyncIteratorSource<String> iterator = new AsyncIteratorSource<>();
        private ValueTask<?> emit;

        public Actual() {
            iterator.tryEmit("first");
            Outcomes.take(iterator.moveNext());
        }

        @Actor
        public void consumer() {
            iterator.moveNext();
        }

        @Actor
        public void producer(LL_Result r) {
            ValueTask<?> request = iterator.requested();
            if (request.isCompleted()) {
                Outcomes.take(request);
                emit = iterator.emit("second");
                r.r1 = "emitted";
            } else {
                r.r1 = "unasked";
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = emit == null ? "-" : emit.isCompleted() ? "answered" : "waits";
        }
    }

    /**
     * Removed: the order of the looks, first for who waits and then for what there is. Here it is the other way round.
     *
     * <p>Goes wrong: what there is has changed before the new waiter came, and is given to it all the same.
     */
    @JCStressTest
    @Outcome(id = "unasked, -", expect = ACCEPTABLE, desc = "producer -> consumer")
    @Outcome(id = "emitted, waits", expect = ACCEPTABLE, desc = "consumer -> producer")
    @Outcome(id = "emitted, answered", expect = ACCEPTABLE_INTERESTING, desc = "asks -> looks -> producer emits and waits -> finds the new wait")
    @State
    public static class BrokenWordFirst {
        private volatile boolean wanted;
        private volatile boolean waits;
        private volatile boolean answered;

        @Actor
        public void consumer() {
            wanted = true;
            boolean stillWanted = wanted;
            if (stillWanted && waits) {
                answered = true;
            }
        }

        @Actor
        public void producer(LL_Result r) {
            if (wanted) {
                wanted = false;
                waits = true;
                r.r1 = "emitted";
            } else {
                r.r1 = "unasked";
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = r.r1.equals("unasked") ? "-" : answered ? "answered" : "waits";
        }
    }
}
