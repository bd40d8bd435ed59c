package io.valuetask;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LLLL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * The corner where both parties are inside: the outcome is published while a registrant, the first, writes its
 * waiter. It is going to withdraw and clear the waiter's fields. Meanwhile both try to consume, and whoever
 * succeeds starts the next operation and registers the second waiter, in the same fields. The first one's
 * clearing must not take the second one's waiter away, nor may its writing replace it.
 *
 * <p>Results: what the first registrant was told; who consumed; whether the word was seen in that corner; how
 * often the first and the second continuation ran.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t OvertakenRegistration"</pre>
 */
public class OvertakenRegistrationStress {
    private OvertakenRegistrationStress() {}

    @JCStressTest
    @Outcome(id = "registered, completer, -, 1\\+1", expect = ACCEPTABLE, desc = "registrant -> completer consumes")
    @Outcome(id = "too late, registrant, -, 0\\+1", expect = ACCEPTABLE, desc = "completer -> registrant consumes")
    @Outcome(id = "too late, completer, -, 0\\+1", expect = ACCEPTABLE, desc = "completer -> registrant -> completer consumes")
    @Outcome(id = "misuse, completer, -, 0\\+1", expect = ACCEPTABLE, desc = "completer consumes -> registrant")
    @Outcome(id = "too late, (registrant|completer), overtaken, 0\\+1", expect = ACCEPTABLE, desc = "registrant claims -> completer -> registrant withdraws -> either consumes")
    @Outcome(id = ".*, .\\+0", expect = FORBIDDEN, desc = "the second waiter is lost")
    @Outcome(id = ".*, nobody, .*", expect = FORBIDDEN, desc = "both consumers were refused")
    @Outcome(expect = FORBIDDEN, desc = "a continuation ran that must not, or twice")
    @State
    public static class Actual {
        private static final Consumer<AtomicInteger> COUNT = AtomicInteger::incrementAndGet;

        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final long token = source.arm();
        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();
        // Written by the one party that consumed, read by the arbiter.
        private volatile String consumer = "nobody";

        @Actor
        public void completer(LLLL_Result r) {
            source.complete(token, "value");
            long word = source.wordAcquire();
            boolean overtaken = StateWord.generation(word) == token
                    && StateWord.phase(word) == StateWord.SUCCEEDED
                    && StateWord.waiter(word) == StateWord.REGISTERING;
            r.r3 = overtaken ? "overtaken" : "-";
            consumeAndWaitAgain("completer");
        }

        @Actor
        public void registrant(LLLL_Result r) {
            try {
                r.r1 = register(first, token) ? "registered" : "too late";
            } catch (ValueTaskMisuseException consumed) {
                r.r1 = Outcomes.MISUSE;
            }
            if (r.r1.equals("too late")) {
                consumeAndWaitAgain("registrant");
            }
        }

        private void consumeAndWaitAgain(String name) {
            if (Outcomes.take(source, token).equals("value")) {
                consumer = name;
                register(second, source.arm());
            }
        }

        private boolean register(AtomicInteger counter, long itsToken) {
            return source.onCompleted(COUNT, counter, itsToken, ValueTaskSourceOnCompletedFlags.NONE);
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            source.tryComplete(token + 1, "next");
            r.r2 = consumer;
            r.r4 = first + "+" + second;
        }
    }

    /**
     * Removed: REGISTERING bars consumers. The model keeps the rest: one word, claims by CAS, and a registrant
     * that withdraws when the outcome has overtaken it.
     *
     * <p>Goes wrong: the completer consumes under the registrant's feet and registers the second waiter. The
     * first registrant, still inside, clears it or puts its own in its place.
     */
    @JCStressTest
    @Outcome(id = ".*, 0\\+1", expect = ACCEPTABLE, desc = "the first was told that it is too late")
    @Outcome(id = "registered, completer, -, 1\\+1", expect = ACCEPTABLE, desc = "registrant -> completer")
    @Outcome(id = ".*, .\\+0", expect = ACCEPTABLE_INTERESTING, desc = "first claims -> completer, second registers -> first clears: the second waiter is lost")
    @State
    public static class BrokenConsumerNotBarred {
        // The word: generation << 3 | waiter << 1 | done
        private static final int DONE = 1;
        private static final int REGISTERING = 1 << 1;
        private static final int REGISTERED = 2 << 1;
        private static final int WAITER = 3 << 1;
        private static final int FIRST_OPERATION = 0;
        private static final int SECOND_OPERATION = 1 << 3;

        private final AtomicInteger word = new AtomicInteger(FIRST_OPERATION);
        private volatile AtomicInteger continuation;
        private final AtomicInteger first = new AtomicInteger();
        private final AtomicInteger second = new AtomicInteger();
        private volatile String consumer = "nobody";

        @Actor
        public void completer(LLLL_Result r) {
            complete(FIRST_OPERATION);
            r.r3 = "-";
            consumeAndWaitAgain("completer");
        }

        @Actor
        public void registrant(LLLL_Result r) {
            r.r1 = register(first, FIRST_OPERATION) ? "registered" : "too late";
            if (r.r1.equals("too late")) {
                consumeAndWaitAgain("registrant");
            }
        }

        private void consumeAndWaitAgain(String name) {
            int current = word.get();
            boolean done = (current & ~WAITER) == (FIRST_OPERATION | DONE); // and REGISTERING is not asked for
            if (done && word.compareAndSet(current, SECOND_OPERATION)) {
                consumer = name;
                register(second, SECOND_OPERATION);
            }
        }

        private boolean register(AtomicInteger counter, int operation) {
            if (!word.compareAndSet(operation, operation | REGISTERING)) {
                return false;
            }
            Thread.onSpinWait(); // widens the window, which is open without it too
            continuation = counter;
            if (word.compareAndSet(operation | REGISTERING, operation | REGISTERED)) {
                return true;
            }
            continuation = null;
            return false;
        }

        private void complete(int operation) {
            int before = word.getAndUpdate(current -> current | DONE);
            AtomicInteger waiter = continuation;
            if (before == (operation | REGISTERED) && waiter != null) {
                continuation = null;
                waiter.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(LLLL_Result r) {
            complete(SECOND_OPERATION);
            r.r2 = consumer;
            r.r4 = first + "+" + second;
        }
    }
}
