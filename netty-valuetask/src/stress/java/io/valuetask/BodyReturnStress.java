package io.valuetask;

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
 * The run of a body is over while its outcome is taken. Whoever comes second gives the source back, and nobody else.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t BodyReturnStress"</pre>
 */
public class BodyReturnStress {
    private BodyReturnStress() {}

    @JCStressTest
    @Outcome(id = "value, value, once", expect = ACCEPTABLE, desc = "taken as soon as it was there, and before or after the run was over")
    @Outcome(id = "misuse, value, once", expect = ACCEPTABLE, desc = "the consumer comes before the outcome")
    @Outcome(id = ".*, never", expect = FORBIDDEN, desc = "each leaves it to the other: the source is lost")
    @Outcome(id = ".*, twice", expect = FORBIDDEN, desc = "one source lies in two slots")
    @Outcome(expect = FORBIDDEN, desc = "the result is lost")
    @State
    public static class Actual {
        private final ValueTaskSourcePool<StartedBody<?>> pool = new ValueTaskSourcePool<>(2,
                StartedBody::new);
        private Runnable submitted;
        private final StartedBody<?> source = StartedBody.start(pool, this::submit, () -> "value");
        private final long token = source.token();

        private void submit(Runnable runnable) {
            submitted = runnable;
        }

        @Actor
        public void runner() {
            submitted.run();
        }

        @Actor
        public void consumer(LLL_Result r) {
            r.r1 = Outcomes.take(source, token);
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = "value".equals(r.r1) ? r.r1 : Outcomes.take(source, token);
            r.r3 = switch (pool.idle()) {
                case 0 -> "never";
                case 1 -> "once";
                default -> "twice";
            };
        }
    }

    /**
     * Removed: the one stage that both move on. Each says that it is done in a field of its own, and then looks at the
     * other's.
     *
     * <p>Goes wrong: each sees that the other is done, and both give the source back.
     */
    @JCStressTest
    @Outcome(id = "value, value, once", expect = ACCEPTABLE, desc = "one after the other")
    @Outcome(id = "value, value, twice", expect = ACCEPTABLE_INTERESTING, desc = "run over -> taken -> both look")
    @State
    public static class BrokenTwoFlags {
        private volatile boolean returned;
        private volatile boolean consumed;
        private boolean givenBackByRunner;
        private boolean givenBackByConsumer;

        @Actor
        public void runner() {
            returned = true;
            givenBackByRunner = consumed;
        }

        @Actor
        public void consumer(LLL_Result r) {
            r.r1 = "value";
            consumed = true;
            givenBackByConsumer = returned;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r2 = "value";
            r.r3 = givenBackByRunner && givenBackByConsumer
                    ? "twice"
                    : givenBackByRunner || givenBackByConsumer ? "once" : "never";
        }
    }
}
