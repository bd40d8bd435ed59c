package io.valuetask;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
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
 * The token of an operation fires while that is completed, consumed, and followed by the next one with another token.
 * The next one must stay as it is, whatever happens to the first.
 *
 * <p>Results: the outcome of the first operation; where the second stands; how many registrations the second's
 * token has.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t FireVsRearmStress"</pre>
 */
public class FireVsRearmStress {
    private FireVsRearmStress() {}

    @JCStressTest
    @Outcome(id = "first, PENDING, 1", expect = ACCEPTABLE, desc = "complete -> request, at any time")
    @Outcome(id = "canceled, PENDING, 1", expect = ACCEPTABLE, desc = "request -> complete")
    @Outcome(id = "misuse, none, 0", expect = ACCEPTABLE, desc = "request is about to publish its outcome")
    @Outcome(id = ".*, CANCELED, .", expect = FORBIDDEN, desc = "the next operation was cancelled by the old token")
    @Outcome(id = ".*, PENDING, 0", expect = FORBIDDEN, desc = "the next operation has lost its own registration")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private static final long FIRST = 1;
        private static final long SECOND = 2;

        private final CancellationTokenSource old = new CancellationTokenSource();
        private final CancellationTokenSource current = new CancellationTokenSource();
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();

        public Actual() {
            source.arm(old.token());
        }

        @Actor
        public void canceller() {
            old.cancel();
        }

        @Actor
        public void owner(LLL_Result r) {
            source.tryComplete(FIRST, "first");
            r.r1 = Outcomes.take(source, FIRST);
            if (!r.r1.equals(Outcomes.MISUSE)) {
                source.arm(current.token());
            }
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            boolean armed = StateWord.generation(source.wordAcquire()) == SECOND;
            r.r2 = armed ? source.getStatus(SECOND) : "none";
            r.r3 = current.registrations();
        }
    }

    /**
     * Removed: the operation that travels with the registration. The token cancels whatever is pending, decided by
     * a CAS that is right in itself; consumption takes the registration back, as it should.
     *
     * <p>Goes wrong: the canceller has taken the registration, so that there is nothing to take back; the first
     * operation is consumed and the second begins; the canceller cancels that.
     */
    @JCStressTest
    @Outcome(id = "(first|canceled), PENDING, 1", expect = ACCEPTABLE, desc = "the first operation was meant, and hit or missed")
    @Outcome(id = "first, CANCELED, 1", expect = ACCEPTABLE_INTERESTING, desc = "request takes the registration -> owner starts the next operation -> request cancels that")
    @State
    public static class BrokenTokenWithoutOperation {
        private static final String PENDING = "PENDING";
        private static final String CANCELED = "CANCELED";

        private final AtomicBoolean registered = new AtomicBoolean(true);
        private final AtomicReference<String> stateOrResult = new AtomicReference<>(PENDING);

        @Actor
        public void canceller() {
            if (registered.getAndSet(false)) {
                stateOrResult.compareAndSet(PENDING, CANCELED);
            }
        }

        @Actor
        public void owner(LLL_Result r) {
            stateOrResult.compareAndSet(PENDING, "first");
            r.r1 = stateOrResult.get().equals(CANCELED) ? Outcomes.CANCELED : "first";
            registered.set(false);
            stateOrResult.set(PENDING);
            r.r3 = 1;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = stateOrResult.get();
        }
    }
}
