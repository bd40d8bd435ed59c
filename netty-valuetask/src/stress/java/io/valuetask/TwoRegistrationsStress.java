package io.valuetask;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLI_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * Two threads register one object at once, each with a token of its own. It may stand in one list only: the links
 * of the list are in the object, and each list has its own lock. One of the two is refused.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t TwoRegistrationsStress"</pre>
 */
public class TwoRegistrationsStress {
    private static final String REGISTERED = "registered";

    private TwoRegistrationsStress() {}

    @JCStressTest
    @Outcome(id = "(registered, misuse|misuse, registered), 1", expect = ACCEPTABLE, desc = "one is refused")
    @Outcome(id = "registered, registered, .", expect = FORBIDDEN, desc = "in two lists")
    @Outcome(expect = FORBIDDEN, desc = "both refused, or in a list of which nobody was told")
    @State
    public static class Actual {
        private final CancellationTokenSource left = new CancellationTokenSource();
        private final CancellationTokenSource right = new CancellationTokenSource();
        private final CancellationRegistration registration = new CancellationRegistration(
                new ManualResetValueTaskSource<>());

        @Actor
        public void one(LLI_Result r) {
            r.r1 = register(left);
        }

        @Actor
        public void other(LLI_Result r) {
            r.r2 = register(right);
        }

        private String register(CancellationTokenSource with) {
            try {
                return registration.register(with.token(), 1) ? REGISTERED : "requested";
            } catch (ValueTaskMisuseException refused) {
                return Outcomes.MISUSE;
            }
        }

        @Arbiter
        public void arbiter(LLI_Result r) {
            r.r3 = left.registrations() + right.registrations();
        }
    }

    /**
     * Removed: the CAS that claims the object. Each thread holds the lock of its own list, looks whether the object
     * is in one, and enters it.
     *
     * <p>Goes wrong: two locks exclude nobody, so both look before either enters.
     */
    @JCStressTest
    @Outcome(id = "(registered, misuse|misuse, registered), 1", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "registered, registered, 2", expect = ACCEPTABLE_INTERESTING, desc = "one looks -> other looks -> both enter: in two lists")
    @State
    public static class BrokenLookThenEnter {
        private final Object left = new Object();
        private final Object right = new Object();
        private volatile Object list;

        @Actor
        public void one(LLI_Result r) {
            r.r1 = register(left);
        }

        @Actor
        public void other(LLI_Result r) {
            r.r2 = register(right);
        }

        private String register(Object with) {
            if (list != null) {
                return Outcomes.MISUSE;
            }
            list = with;
            return REGISTERED;
        }

        @Arbiter
        public void arbiter(LLI_Result r) {
            r.r3 = (r.r1.equals(REGISTERED) ? 1 : 0) + (r.r2.equals(REGISTERED) ? 1 : 0);
        }
    }
}
