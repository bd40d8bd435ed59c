package io.valuetask.netty;

import io.valuetask.ValueTaskSourceStatus;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
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
 * A write is on its way to the event loop and takes up all the room. On the loop somebody begins to wait for room, while
 * the write is cancelled. When it has arrived, somebody has looked again for the one who waits.
 *
 * <p>Results: whether the waiting one was told of room; what is still counted.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t RoomStress"</pre>
 */
public class RoomStress {
    private static final String NOTHING = "travelling=0 bytes";
    private static final int HIGH_WATER_MARK = 50;

    private RoomStress() {}

    @JCStressTest
    @Outcome(id = "SUCCEEDED, " + NOTHING, expect = ACCEPTABLE, desc = "told of room")
    @Outcome(id = "PENDING, .*", expect = FORBIDDEN, desc = "nobody looked again: it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ActorChannel<CountedMessage> channel = new ActorChannel<CountedMessage>()
                .highWaterMark(HIGH_WATER_MARK);
        private final WriteOperation write = channel.outbound().write(new CountedMessage(), true, false);
        private final long token = write.token();
        private RoomOperation room;

        @Actor
        public void canceller() {
            write.cancel(token);
        }

        @Actor
        public void loop() {
            channel.executor.enter();
            room = channel.outbound().writable();
            channel.executor.runTasks();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            channel.runTheRest();
            r.r1 = room.getStatus(room.token());
            r.r2 = channel.outbound().writability().toString();
        }
    }

    /**
     * Removed: a write is counted until it arrives, cancelled or not. Here the canceller takes it off the count, and what
     * arrives then is nothing, for which nobody looks.
     *
     * <p>Goes wrong: on the loop somebody has found no room, and nothing more is going to arrive.
     */
    @JCStressTest
    @Outcome(id = "SUCCEEDED, " + NOTHING, expect = ACCEPTABLE, desc = "told of room")
    @Outcome(id = "PENDING, "
            + NOTHING, expect = ACCEPTABLE_INTERESTING, desc = "loop finds no room -> canceller takes the write off the count -> nobody looks: waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenCancellerCounts {
        private static final VarHandle TRAVELLING = fieldVarHandle(lookup(), "travelling", VarHandle.class,
                BrokenCancellerCounts.class, int.class);
        private static final VarHandle POSTED = fieldVarHandle(lookup(), "posted", VarHandle.class,
                BrokenCancellerCounts.class, boolean.class);

        private volatile int travelling = 1;
        private volatile boolean posted = true;
        private boolean waits;

        @Actor
        public void canceller() {
            if (POSTED.compareAndSet(this, true, false)) {
                TRAVELLING.getAndAdd(this, -1);
            }
        }

        @Actor
        public void loop() {
            waits = travelling > 0;
            if (POSTED.compareAndSet(this, true, false)) {
                TRAVELLING.getAndAdd(this, -1);
                waits = waits && travelling > 0;
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = waits ? ValueTaskSourceStatus.PENDING : ValueTaskSourceStatus.SUCCEEDED;
            r.r2 = "travelling=" + travelling + " bytes";
        }
    }
}
