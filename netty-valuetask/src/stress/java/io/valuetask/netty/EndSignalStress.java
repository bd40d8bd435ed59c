package io.valuetask.netty;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.I_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A party begins to wait for the end of a channel as that comes. It is told, once.
 *
 * <p>Result: how often it was told.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t EndSignalStress"</pre>
 */
public class EndSignalStress {
    private EndSignalStress() {}

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told once")
    @Outcome(id = "0", expect = FORBIDDEN, desc = "it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "told twice")
    @State
    public static class Actual implements Consumer<String> {
        private final EndSignal<String> signal = new EndSignal<>();
        private final AtomicInteger told = new AtomicInteger();

        @Override
        public void accept(String how) {
            told.addAndGet("closed".equals(how) ? 1 : 1000);
        }

        @Actor
        public void teller() {
            signal.tell("closed");
        }

        @Actor
        public void party() {
            signal.onEnd(this);
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = told.get();
        }
    }

    /**
     * Removed: the order in which a party joins those who wait, and then looks. Here it looks first.
     *
     * <p>Goes wrong: the end comes in between.
     */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told once")
    @Outcome(id = "0", expect = ACCEPTABLE_INTERESTING, desc = "party looks -> teller finds nobody -> party joins: it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenJoin {
        private final AtomicInteger told = new AtomicInteger();
        private volatile boolean over;
        private volatile boolean waiting;

        @Actor
        public void teller() {
            over = true;
            if (waiting) {
                told.incrementAndGet();
            }
        }

        @Actor
        public void party() {
            if (over) {
                told.incrementAndGet();
            } else {
                waiting = true;
            }
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = told.get();
        }
    }

    /**
     * Removed: whoever takes the party out of those who wait tells it. Here whoever sees it does.
     *
     * <p>Goes wrong: both see it.
     */
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "told once")
    @Outcome(id = "2", expect = ACCEPTABLE_INTERESTING, desc = "party joins -> teller ends it and sees the party -> party sees the end: told twice")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenBothTell {
        private final AtomicInteger told = new AtomicInteger();
        private volatile boolean over;
        private volatile boolean waiting;

        @Actor
        public void teller() {
            over = true;
            if (waiting) {
                told.incrementAndGet();
            }
        }

        @Actor
        public void party() {
            waiting = true;
            if (over) {
                told.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(I_Result r) {
            r.r1 = told.get();
        }
    }
}
