package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
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
 * A publisher signals an element while the consumer of an {@link AsyncIteratorSubscriber} tries to take it and then
 * closes. The element is the consumer's, or it is released once.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t CloseVsPublishStress"</pre>
 */
public class CloseVsPublishStress {
    private CloseVsPublishStress() {}

    @JCStressTest
    @Outcome(id = "taken, 0", expect = ACCEPTABLE, desc = "onNext -> take -> close: it is the consumer's")
    @Outcome(id = "closed, 1", expect = ACCEPTABLE, desc = "close -> onNext, or onNext -> close: released")
    @Outcome(id = "closed, 0", expect = FORBIDDEN, desc = "the element leaks")
    @Outcome(expect = FORBIDDEN, desc = "taken and released, or released twice")
    @State
    public static class Actual {
        private final AsyncIteratorSubscriber<AutoCloseable> iterator = new AsyncIteratorSubscriber<>();
        private final AtomicInteger releases = new AtomicInteger();

        @Actor
        public void publisher() {
            iterator.onNext(releases::incrementAndGet);
        }

        @Actor
        public void consumer(LL_Result r) {
            ValueTask<Boolean> move = iterator.moveNext();
            r.r1 = move.isCompleted() && Outcomes.take(move).equals(true) ? "taken" : "closed";
            iterator.close();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = releases.get();
        }
    }

    /**
     * Removed: the publisher's second look. It looks whether the iterator is closed before it puts the element down, and
     * not afterwards.
     *
     * <p>Goes wrong: the element is put down after the slots were swept. Nobody is going to look there again.
     */
    @JCStressTest
    @Outcome(id = "taken, 0", expect = ACCEPTABLE, desc = "put -> take -> close")
    @Outcome(id = "closed, 1", expect = ACCEPTABLE, desc = "close -> look, or put -> sweep")
    @Outcome(id = "closed, 0", expect = ACCEPTABLE_INTERESTING, desc = "look -> close -> sweep -> put: the element leaks")
    @State
    public static class BrokenLooksOnce {
        private final AtomicReference<Object> slot = new AtomicReference<>();
        private volatile boolean closed;
        private int publisherReleases;
        private int consumerReleases;

        @Actor
        public void publisher() {
            if (closed) {
                publisherReleases++;
                return;
            }
            slot.set("element");
        }

        @Actor
        public void consumer(LL_Result r) {
            if (slot.getAndSet(null) != null) {
                r.r1 = "taken";
                return;
            }
            r.r1 = "closed";
            closed = true;
            if (slot.getAndSet(null) != null) {
                consumerReleases++;
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = publisherReleases + consumerReleases;
        }
    }
}
