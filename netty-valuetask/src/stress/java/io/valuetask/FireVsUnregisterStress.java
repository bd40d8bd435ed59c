package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
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
 * Cancellation is requested while an owner takes its registration back and registers the same object for its next
 * operation, with another token. Either the registration is taken back or its operation is cancelled, and that of the
 * next operation is not touched.
 *
 * <p>Results: what the owner was told; how often the first operation was cancelled, how often the second.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t FireVsUnregisterStress"</pre>
 */
public class FireVsUnregisterStress {
    private static final int FIRST = 1;
    private static final int SECOND = 2;

    private FireVsUnregisterStress() {}

    /** Counts what it is asked to cancel, and is right to believe what it is told. */
    private static final class Counting implements ValueTaskSource<String> {
        final AtomicInteger first = new AtomicInteger();
        final AtomicInteger second = new AtomicInteger();

        @Override
        public boolean cancel(long token) {
            (token == FIRST ? first : second).incrementAndGet();
            return true;
        }

        @Override
        public ValueTaskSourceStatus getStatus(long token) {
            return ValueTaskSourceStatus.PENDING;
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
            return true;
        }

        @Override
        public String getResult(long token) {
            return "value";
        }
    }

    @JCStressTest
    @Outcome(id = "taken back, 0, 0", expect = ACCEPTABLE, desc = "unregister -> request")
    @Outcome(id = "too late, 1, 0", expect = ACCEPTABLE, desc = "request -> unregister")
    @Outcome(id = ".*, .*, [12]", expect = FORBIDDEN, desc = "the next operation was cancelled by the old token")
    @Outcome(id = "taken back, 1, 0", expect = FORBIDDEN, desc = "cancelled after it was taken back")
    @Outcome(id = "too late, 0, 0", expect = FORBIDDEN, desc = "neither: the request is lost")
    @Outcome(expect = FORBIDDEN, desc = "cancelled twice")
    @State
    public static class Actual {
        private final CancellationTokenSource old = new CancellationTokenSource();
        private final CancellationTokenSource current = new CancellationTokenSource();
        private final Counting source = new Counting();
        private final CancellationRegistration registration = new CancellationRegistration(source);

        public Actual() {
            registration.register(old.token(), FIRST);
        }

        @Actor
        public void canceller() {
            old.cancel();
        }

        @Actor
        public void owner(LLL_Result r) {
            r.r1 = registration.unregister() ? "taken back" : "too late";
            registration.register(current.token(), SECOND);
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = source.first.get();
            r.r3 = source.second.get();
        }
    }

    /**
     * Removed: the operation is copied in the step that takes the registration off the list. That step is atomic; the
     * operation is read when it is needed.
     *
     * <p>Goes wrong: the canceller takes the registration; the owner is told that it is too late and registers the
     * next operation; the canceller reads that one.
     */
    @JCStressTest
    @Outcome(id = "taken back, 0, 0", expect = ACCEPTABLE, desc = "unregister -> request")
    @Outcome(id = "too late, 1, 0", expect = ACCEPTABLE, desc = "request -> unregister")
    @Outcome(id = "too late, 0, 1", expect = ACCEPTABLE_INTERESTING, desc = "request takes it -> owner registers the next operation -> request reads that: the wrong one is cancelled")
    @State
    public static class BrokenOperationReadAfterwards {
        private final Counting source = new Counting();
        private final AtomicReference<Counting> list = new AtomicReference<>(source);
        private volatile long operation = FIRST;

        @Actor
        public void canceller() {
            Counting told = list.getAndSet(null);
            if (told != null) {
                told.cancel(operation);
            }
        }

        @Actor
        public void owner(LLL_Result r) {
            r.r1 = list.getAndSet(null) != null ? "taken back" : "too late";
            operation = SECOND;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = source.first.get();
            r.r3 = source.second.get();
        }
    }
}
