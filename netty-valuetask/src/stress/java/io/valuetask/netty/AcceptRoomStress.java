package io.valuetask.netty;

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
 * The event loop of a server finds no room for another connection, while one that waited is taken. One of them at least
 * asks for the next connection: the loop, which finds the room, or the taker, who finds that the loop has held back.
 *
 * <p>Results: what each does.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t AcceptRoomStress"</pre>
 */
public class AcceptRoomStress {
    private AcceptRoomStress() {}

    @JCStressTest
    @Outcome(id = "asks, takes", expect = ACCEPTABLE, desc = "taker -> loop")
    @Outcome(id = "holds back, takes and asks", expect = ACCEPTABLE, desc = "loop -> taker")
    @Outcome(id = "asks, takes and asks", expect = ACCEPTABLE, desc = "each has seen the other; the pump asks once")
    @Outcome(id = "holds back, takes", expect = FORBIDDEN, desc = "nothing is accepted any more")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final InboundQueue queue = new InboundQueue(2, Integer.MAX_VALUE);
        private final AcceptRoom room = new AcceptRoom(queue, 2);

        public Actual() {
            queue.offer("first", 0);
        }

        @Actor
        public void loop(LL_Result r) {
            r.r1 = room.isBeside(1) ? "asks" : "holds back";
        }

        @Actor
        public void taker(LL_Result r) {
            queue.poll();
            r.r2 = room.isMissed() ? "takes and asks" : "takes";
        }
    }

    /**
     * Removed: the order of a store and the load behind it, on both sides.
     *
     * <p>Goes wrong: each has stored and looks at what the other one had before; the stores leave their store buffers
     * afterwards.
     */
    @JCStressTest
    @Outcome(id = "asks, takes", expect = ACCEPTABLE, desc = "taker -> loop")
    @Outcome(id = "holds back, takes and asks", expect = ACCEPTABLE, desc = "loop -> taker")
    @Outcome(id = "asks, takes and asks", expect = ACCEPTABLE, desc = "each has seen the other")
    @Outcome(id = "holds back, takes", expect = ACCEPTABLE_INTERESTING, desc = "loop looks -> taker looks -> their stores arrive: nothing is accepted any more")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenReleaseOnly {
        private static final VarHandle HELD_BACK = fieldVarHandle(lookup(), "heldBack", VarHandle.class,
                BrokenReleaseOnly.class, boolean.class);
        private static final VarHandle TAKEN = fieldVarHandle(lookup(), "taken", VarHandle.class,
                BrokenReleaseOnly.class, int.class);

        @SuppressWarnings("unused")
        private boolean heldBack;
        @SuppressWarnings("unused")
        private int taken;

        @Actor
        public void loop(LL_Result r) {
            HELD_BACK.setRelease(this, true);
            r.r1 = (int) TAKEN.getAcquire(this) > 0 ? "asks" : "holds back";
        }

        @Actor
        public void taker(LL_Result r) {
            TAKEN.setRelease(this, 1);
            r.r2 = (boolean) HELD_BACK.getAcquire(this) ? "takes and asks" : "takes";
        }
    }
}
