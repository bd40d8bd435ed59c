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
 * Two parties announce something and enter the turn. Whoever gets in looks at what was announced; whoever
 * does not, goes. The last look must see both, or a read waits for ever for bytes that are there.
 *
 * <p>What was announced is read with opaque, without any ordering of its own, so that all the ordering has to
 * come from the turn and from the announcing store.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TurnHandOverStress"</pre>
 */
public class TurnHandOverStress {
    private TurnHandOverStress() {}

    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "the last look saw both")
    @Outcome(id = {"true, false", "false, true"}, expect = FORBIDDEN, desc = "one was overlooked")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private static final VarHandle ONE = fieldVarHandle(lookup(), "one", VarHandle.class, Actual.class,
                boolean.class);
        private static final VarHandle OTHER = fieldVarHandle(lookup(), "other", VarHandle.class,
                Actual.class,
                boolean.class);

        private final Turn turn = new Turn();
        private boolean one;
        private boolean other;
        // In the turn.
        private boolean sawOne;
        private boolean sawOther;

        @Actor
        public void one() {
            ONE.setVolatile(this, true);
            settle();
        }

        @Actor
        public void other() {
            OTHER.setVolatile(this, true);
            settle();
        }

        private void settle() {
            if (turn.enter()) {
                do {
                    sawOne = (boolean) ONE.getOpaque(this);
                    sawOther = (boolean) OTHER.getOpaque(this);
                } while (!turn.leave());
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = sawOne;
            r.r2 = sawOther;
        }
    }

    /**
     * Removed: the word that is left. A party that finds the turn taken goes, and the holder does not look
     * again.
     *
     * <p>Goes wrong: the holder has looked and is about to leave when the other one announces and finds the
     * turn taken.
     */
    @JCStressTest
    @Outcome(id = "true, true", expect = ACCEPTABLE, desc = "the last look saw both")
    @Outcome(id = {"true, false",
        "false, true"}, expect = ACCEPTABLE_INTERESTING, desc = "holder looks -> other announces, finds the turn taken, goes -> holder leaves")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenTryLock {
        private static final VarHandle TAKEN = fieldVarHandle(lookup(), "taken", VarHandle.class,
                BrokenTryLock.class, boolean.class);

        private volatile boolean taken;
        private volatile boolean one;
        private volatile boolean other;
        private boolean sawOne;
        private boolean sawOther;

        @Actor
        public void one() {
            one = true;
            settle();
        }

        @Actor
        public void other() {
            other = true;
            settle();
        }

        private void settle() {
            if (TAKEN.compareAndSet(this, false, true)) {
                sawOne = one;
                sawOther = other;
                taken = false;
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = sawOne;
            r.r2 = sawOther;
        }
    }
}
