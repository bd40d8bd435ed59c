package io.valuetask.netty;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * Virtual threads of a channel's first event loop write, and the channel has been registered with another loop: what sets
 * out on the one arrives on the other. The first loop counts without an atomic add, and so what leaves it is counted by
 * another counter from then on. Nothing is lost of either, and who looks meanwhile sees that something is on its way.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t CarriedCountStress"</pre>
 */
public class CarriedCountStress {
    private CarriedCountStress() {}

    @JCStressTest
    @Outcome(id = "travelling=0 bytes", expect = ACCEPTABLE, desc = "all has arrived")
    @Outcome(expect = FORBIDDEN, desc = "less room for ever, or more than there is")
    @State
    public static class Actual {
        private final Writability writability = new Writability(new ValueTaskHandler<>());
        private final CountedMessage message = new CountedMessage();
        private final int first = writability.departedOnLoop(message);
        private int second;

        public Actual() {
            writability.leftLoop(first);
        }

        @Actor
        public void firstLoop() {
            second = writability.departedOnLoop(message);
            writability.leftLoop(second);
        }

        @Actor
        public void otherLoop() {
            writability.arrived(first);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            writability.arrived(second);
            r.r1 = writability.toString();
        }
    }

    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "seen by one of the counters, or by both")
    @Outcome(expect = FORBIDDEN, desc = "nothing seems to be on its way, and may be overtaken")
    @State
    public static class ActualSight {
        private final Writability writability = new Writability(new ValueTaskHandler<>());
        private final int first = writability.departedOnLoop(new CountedMessage());

        @Actor
        public void firstLoop() {
            writability.leftLoop(first);
        }

        @Actor
        public void other(L_Result r) {
            r.r1 = writability.isTravelling();
        }
    }

    /**
     * Removed: what leaves the first loop goes over to the other counter. Here it is taken off the first one where it
     * arrives.
     *
     * <p>Goes wrong: two threads write a counter that is one thread's, and one of the two writes is lost.
     */
    @JCStressTest
    @Outcome(id = "0", expect = ACCEPTABLE, desc = "all has arrived")
    @Outcome(id = "1", expect = ACCEPTABLE_INTERESTING, desc = "both load -> other loop stores -> first loop stores: less room for ever")
    @Outcome(id = "-1", expect = ACCEPTABLE_INTERESTING, desc = "both load -> first loop stores -> other loop stores: more room than there is")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenOneCounter {
        private long carried = 1;

        @Actor
        public void firstLoop() {
            carried += 1;
        }

        @Actor
        public void otherLoop() {
            carried -= 1;
        }

        @Arbiter
        public void arbiter(L_Result r) {
            carried -= 1;
            r.r1 = carried;
        }
    }

    /**
     * Removed: the order in which the counters are read. Here the one that is left comes last.
     *
     * <p>Goes wrong: what is on its way has not come to the one yet, and has left the other already.
     */
    @JCStressTest
    @Outcome(id = "true", expect = ACCEPTABLE, desc = "seen by one of the counters, or by both")
    @Outcome(id = "false", expect = ACCEPTABLE_INTERESTING, desc = "other looks at the one -> it goes over -> other looks at the one that is left: not seen")
    @State
    public static class BrokenOrder {
        private volatile long travelling;
        private volatile long carried = 1;

        @Actor
        public void firstLoop() {
            travelling = 1;
            carried = 0;
        }

        @Actor
        public void other(L_Result r) {
            r.r1 = travelling + carried != 0;
        }
    }
}
