package io.valuetask.stream;

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
 * A read is complete, and the turn was granted to its consumer. It is consumed while the stream is closed: the bytes
 * are taken or released, by one of the two, and in the end they are gone.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TurnRevokeStress"</pre>
 */
public class TurnRevokeStress {
    private TurnRevokeStress() {}

    @JCStressTest
    @Outcome(id = "taken, released", expect = ACCEPTABLE, desc = "the consumer came first")
    @Outcome(id = "nothing, released", expect = ACCEPTABLE, desc = "the closer came first")
    @Outcome(expect = FORBIDDEN, desc = "taken after they were released, or never released")
    @State
    public static class Actual {
        private final Turn turn = new Turn();
        private volatile boolean closed;
        // In the turn.
        private boolean released;
        private boolean takenTooLate;
        private boolean taken;

        public Actual() {
            turn.enter();
            turn.grant();
        }

        private void lookAndLeave() {
            do {
                if (closed) {
                    released = true;
                }
            } while (!turn.leave());
        }

        @Actor
        public void consumer() {
            if (turn.redeem()) {
                taken = true;
                takenTooLate = released;
                lookAndLeave();
            }
        }

        @Actor
        public void closer() {
            closed = true;
            if (turn.enterToClose()) {
                lookAndLeave();
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = takenTooLate ? "too late" : taken ? "taken" : "nothing";
            r.r2 = released ? "released" : "leaked";
        }
    }

    /**
     * Removed: the way from GRANTED that only one of the two can go. The closer leaves what was granted to the
     * consumer, who looks for it as it comes.
     *
     * <p>Goes wrong: the consumer has looked, and takes the bytes, when the stream is closed.
     */
    @JCStressTest
    @Outcome(id = "taken, released", expect = ACCEPTABLE, desc = "the consumer came first, or saw the closer as it left")
    @Outcome(id = "nothing, released", expect = ACCEPTABLE, desc = "the closer came first")
    @Outcome(id = {"taken, leaked",
        "too late, released"}, expect = ACCEPTABLE_INTERESTING, desc = "consumer looks -> closer finds it inside, or not yet -> both or neither release")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenTake {
        private static final VarHandle INSIDE = fieldVarHandle(lookup(), "inside", VarHandle.class,
                BrokenLookThenTake.class, boolean.class);

        private volatile boolean closed;
        private volatile boolean inside;
        private volatile boolean released;
        private boolean takenTooLate;
        private boolean taken;

        @Actor
        public void consumer() {
            if (!closed) {
                INSIDE.setVolatile(this, true);
                taken = true;
                takenTooLate = released;
                INSIDE.setVolatile(this, false);
            }
        }

        @Actor
        public void closer() {
            closed = true;
            if (!inside) {
                released = true;
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = takenTooLate ? "too late" : taken ? "taken" : "nothing";
            r.r2 = released ? "released" : "leaked";
        }
    }
}
