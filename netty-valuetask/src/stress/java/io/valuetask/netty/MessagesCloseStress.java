package io.valuetask.netty;

import io.valuetask.ValueTask;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.lang.invoke.MethodHandles.lookup;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * The messages of a channel are closed while their consumer begins a move that has to wait. The closer cancels the move that
 * it knows of, and the consumer its own if it finds that it was overtaken; none of them may wait for ever.
 *
 * <p>Results: what became of the move.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t MessagesCloseStress"</pre>
 */
public class MessagesCloseStress {
    private MessagesCloseStress() {}

    @JCStressTest
    @Outcome(id = "cancelled", expect = ACCEPTABLE, desc = "by the closer, by the consumer, or not begun")
    @Outcome(expect = FORBIDDEN, desc = "waits for ever")
    @State
    public static class Actual {
        private final ChannelMessages<?> messages = new ChannelMessages<>(
                new DeadlineReads(new ActorExecutor(), new InboundQueue(1, 1)).source);
        private ValueTask<Boolean> move;

        @Actor
        public void consumer() {
            move = messages.moveNext();
        }

        @Actor
        public void closer() {
            messages.close();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = move.isCanceled() ? "cancelled" : "waits";
        }
    }

    /**
     * Removed: the order of a store and the load behind it. The move and the mark of the closer are release stores.
     *
     * <p>Goes wrong: each has stored and looks at what the other one had before; the stores leave their store buffers
     * afterwards.
     */
    @JCStressTest
    @Outcome(id = "cancelled", expect = ACCEPTABLE, desc = "one of the two saw the other")
    @Outcome(id = "waits", expect = ACCEPTABLE_INTERESTING, desc = "consumer looks -> closer looks -> their stores arrive: nobody cancels")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenReleaseOnly {
        private static final VarHandle MOVING = fieldVarHandle(lookup(), "moving", VarHandle.class,
                BrokenReleaseOnly.class, long.class);
        private static final VarHandle CLOSED = fieldVarHandle(lookup(), "closed", VarHandle.class,
                BrokenReleaseOnly.class, boolean.class);

        @SuppressWarnings("unused")
        private long moving = -1;
        @SuppressWarnings("unused")
        private boolean closed;
        private volatile boolean cancelled;

        @Actor
        public void consumer() {
            MOVING.setRelease(this, 1L);
            if ((boolean) CLOSED.getAcquire(this)) {
                cancelled = true;
            }
        }

        @Actor
        public void closer() {
            CLOSED.setRelease(this, true);
            if ((long) MOVING.getAcquire(this) >= 0) {
                cancelled = true;
            }
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = cancelled ? "cancelled" : "waits";
        }
    }
}
