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
 * One write sets out for the event loop while another one arrives there. What is on its way is counted, and when
 * both have arrived, that is nothing.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TravellingStress"</pre>
 */
public class TravellingStress {
    private TravellingStress() {}

    @JCStressTest
    @Outcome(id = "travelling=0 bytes", expect = ACCEPTABLE, desc = "all has arrived")
    @Outcome(expect = FORBIDDEN, desc = "less room for ever, or more than there is")
    @State
    public static class Actual {
        private final Writability writability = new Writability(new ValueTaskHandler<>());
        private final CountedMessage message = new CountedMessage();
        private final int first = writability.departed(message);
        private int second;

        @Actor
        public void writer() {
            second = writability.departed(message);
        }

        @Actor
        public void loop() {
            writability.arrived(first);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            writability.arrived(second);
            r.r1 = writability.toString();
        }
    }

    /**
     * Removed: the atomic add. It is a load and a store.
     *
     * <p>Goes wrong: both load, and one of the two stores is lost.
     */
    @JCStressTest
    @Outcome(id = "travelling=0 bytes", expect = ACCEPTABLE, desc = "all has arrived")
    @Outcome(id = "travelling=1 bytes", expect = ACCEPTABLE_INTERESTING, desc = "both load -> loop stores -> writer stores: less room for ever")
    @Outcome(id = "travelling=-1 bytes", expect = ACCEPTABLE_INTERESTING, desc = "both load -> writer stores -> loop stores: more room than there is")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLoadThenStore {
        private volatile int travelling = 1;

        @Actor
        public void writer() {
            travelling = travelling + 1;
        }

        @Actor
        public void loop() {
            travelling = travelling - 1;
        }

        @Arbiter
        public void arbiter(L_Result r) {
            travelling = travelling - 1;
            r.r1 = "travelling=" + travelling + " bytes";
        }
    }
}
