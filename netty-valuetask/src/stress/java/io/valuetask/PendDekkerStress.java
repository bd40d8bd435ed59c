package io.valuetask;

import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
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
 * Dekker's question: the owner makes its operation pending and looks at its queue once more, while a producer
 * puts something into the queue and looks for a pending operation. At least one must see the other, or the
 * message lies in the queue and the operation waits for ever.
 *
 * <p>The queue is one flag, written with release and read without any ordering of its own, so that all the
 * ordering has to come from {@code pend()} and from the producer's fence.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t PendDekkerStress"</pre>
 */
public class PendDekkerStress {
    private PendDekkerStress() {}

    @JCStressTest
    @Outcome(id = "message, completed", expect = ACCEPTABLE, desc = "both store -> both look")
    @Outcome(id = "message, not pending", expect = ACCEPTABLE, desc = "producer -> owner")
    @Outcome(id = "empty, completed", expect = ACCEPTABLE, desc = "owner -> producer")
    @Outcome(id = "empty, not pending", expect = FORBIDDEN, desc = "they missed each other")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private static final VarHandle QUEUED = fieldVarHandle(lookup(), "queued", VarHandle.class,
                Actual.class,
                boolean.class);

        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.begin();
        @SuppressWarnings("unused")
        private boolean queued;

        @Actor
        public void owner(LL_Result r) {
            source.pend();
            r.r1 = (boolean) QUEUED.getOpaque(this) ? "message" : "empty";
        }

        @Actor
        public void producer(LL_Result r) {
            QUEUED.setRelease(this, true);
            VarHandle.fullFence();
            r.r2 = source.tryComplete(token, "value") ? "completed" : "not pending";
        }
    }

    /**
     * Removed: the owner's fence. The operation is made pending by a release store, as every other step that has
     * one possible author is.
     *
     * <p>Goes wrong: a release store may be delayed past a later load, on x86 too, where it is the only
     * reordering that the processor does. The owner looks, and its store leaves the store buffer afterwards.
     */
    @JCStressTest
    @Outcome(id = "message, completed", expect = ACCEPTABLE, desc = "both store -> both look")
    @Outcome(id = "message, not pending", expect = ACCEPTABLE, desc = "producer -> owner")
    @Outcome(id = "empty, completed", expect = ACCEPTABLE, desc = "owner -> producer")
    @Outcome(id = "empty, not pending", expect = ACCEPTABLE_INTERESTING, desc = "owner looks -> producer -> owner's store arrives: they missed each other")
    @State
    public static class BrokenReleaseOnly {
        private static final VarHandle QUEUED = fieldVarHandle(lookup(), "queued", VarHandle.class,
                BrokenReleaseOnly.class, boolean.class);
        private static final VarHandle PENDING = fieldVarHandle(lookup(), "pending", VarHandle.class,
                BrokenReleaseOnly.class, boolean.class);

        @SuppressWarnings("unused")
        private boolean queued;
        @SuppressWarnings("unused")
        private boolean pending;

        @Actor
        public void owner(LL_Result r) {
            PENDING.setRelease(this, true);
            r.r1 = (boolean) QUEUED.getOpaque(this) ? "message" : "empty";
        }

        @Actor
        public void producer(LL_Result r) {
            QUEUED.setRelease(this, true);
            VarHandle.fullFence();
            r.r2 = (boolean) PENDING.getAcquire(this) ? "completed" : "not pending";
        }
    }
}
