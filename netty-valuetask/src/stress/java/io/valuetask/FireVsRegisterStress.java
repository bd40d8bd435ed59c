package io.valuetask;

import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
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
 * Cancellation is requested while an owner arms its source with the token. The operation must be cancelled: by the
 * owner, who finds the request, or by the canceller, who finds the registration. There must never be a pending
 * operation whose token has fired.
 *
 * <p>Results: who requested; where the owner saw its operation when it had armed it; where it stands in the end.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t FireVsRegisterStress"</pre>
 */
public class FireVsRegisterStress {
    private FireVsRegisterStress() {}

    @JCStressTest
    @Outcome(id = "fired, CANCELED, CANCELED", expect = ACCEPTABLE, desc = "request -> arm, or in the midst of it")
    @Outcome(id = "fired, PENDING, CANCELED", expect = ACCEPTABLE, desc = "arm -> request")
    @Outcome(id = ".*, .*, PENDING", expect = FORBIDDEN, desc = "the request is lost: pending for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final CancellationTokenSource cancellation = new CancellationTokenSource();
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();

        @Actor
        public void canceller(LLL_Result r) {
            r.r1 = cancellation.cancel() ? "fired" : "refused";
        }

        @Actor
        public void owner(LLL_Result r) {
            r.r2 = source.getStatus(source.arm(cancellation.token()));
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = source.getStatus(1);
        }
    }

    /**
     * Removed: the owner's second look at the token, after its operation became pending. The list and its flag have
     * their lock.
     *
     * <p>Goes wrong: the owner registers before its operation is pending; the canceller takes the registration and is
     * refused, as there is nothing pending yet; then the owner makes it pending.
     */
    @JCStressTest
    @Outcome(id = "fired, CANCELED, CANCELED", expect = ACCEPTABLE, desc = "request -> arm, or in the midst of it")
    @Outcome(id = "fired, PENDING, CANCELED", expect = ACCEPTABLE, desc = "arm -> request")
    @Outcome(id = "fired, PENDING, PENDING", expect = ACCEPTABLE_INTERESTING, desc = "owner registers -> request is refused -> owner makes it pending: lost")
    @State
    public static class BrokenNoSecondLook {
        private static final String ARMING = "ARMING";
        private static final String PENDING = "PENDING";
        private static final String CANCELED = "CANCELED";

        private final ReentrantLock lock = new ReentrantLock();
        private final AtomicReference<String> phase = new AtomicReference<>(ARMING);
        private boolean requested;
        private boolean registered;

        @Actor
        public void canceller(LLL_Result r) {
            lock.lock();
            requested = true;
            boolean told = registered;
            registered = false;
            lock.unlock();
            if (told) {
                phase.compareAndSet(PENDING, CANCELED);
            }
            r.r1 = "fired";
        }

        @Actor
        public void owner(LLL_Result r) {
            lock.lock();
            boolean tooLate = requested;
            registered = !tooLate;
            lock.unlock();
            phase.set(tooLate ? CANCELED : PENDING);
            r.r2 = phase.get();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = phase.get();
        }
    }

    /**
     * Removed: the look at the request and the entry in the list are one step. Here the owner looks, and then enters.
     *
     * <p>Goes wrong: the canceller sets the flag and walks the list in between.
     */
    @JCStressTest
    @Outcome(id = "fired, CANCELED, CANCELED", expect = ACCEPTABLE, desc = "request -> arm")
    @Outcome(id = "fired, PENDING, CANCELED", expect = ACCEPTABLE, desc = "arm -> request")
    @Outcome(id = "fired, PENDING, PENDING", expect = ACCEPTABLE_INTERESTING, desc = "owner looks -> request -> owner enters the list: lost")
    @State
    public static class BrokenLookThenEnter {
        private static final String PENDING = "PENDING";
        private static final String CANCELED = "CANCELED";

        private final AtomicReference<String> phase = new AtomicReference<>(PENDING);
        private volatile boolean requested;
        private volatile boolean registered;

        @Actor
        public void canceller(LLL_Result r) {
            requested = true;
            if (registered) {
                phase.compareAndSet(PENDING, CANCELED);
            }
            r.r1 = "fired";
        }

        @Actor
        public void owner(LLL_Result r) {
            if (requested) {
                phase.set(CANCELED);
            } else {
                registered = true;
            }
            r.r2 = phase.get();
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = phase.get();
        }
    }
}
