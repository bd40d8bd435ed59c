package io.valuetask;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
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
 * Somebody completes the future of an operation while the operation's owner cancels it. One of them wins, the future has
 * the winner's outcome, and each is told the truth.
 *
 * <p>Results: whether {@code complete} says that it did it; whether the owner did; the outcome of the future.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t ImposeVsCancelStress"</pre>
 */
public class ImposeVsCancelStress {
    private ImposeVsCancelStress() {}

    @JCStressTest
    @Outcome(id = "true, false, imposed", expect = ACCEPTABLE, desc = "complete -> cancel")
    @Outcome(id = "false, true, cancelled", expect = ACCEPTABLE, desc = "cancel -> complete, or in the midst of it")
    @Outcome(id = ".*, .*, nothing", expect = FORBIDDEN, desc = "nobody completes the future")
    @Outcome(expect = FORBIDDEN, desc = "an answer that is not true")
    @State
    public static class Actual {
        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        private final CompletableFuture<String> future = ValueTask.fromSource(source, source.arm())
                .toCompletableFuture();

        @Actor
        public void imposer(LLL_Result r) {
            r.r1 = future.complete("imposed");
        }

        @Actor
        public void owner(LLL_Result r) {
            r.r2 = source.tryCompleteExceptionally(1, new CancellationException());
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = future.isCancelled() ? "cancelled" : future.getNow("nothing");
        }
    }

    /**
     * Removed: the answer decides. Here whoever finds the operation cancelled takes what somebody wanted to impose for
     * the reason.
     *
     * <p>Goes wrong: the imposer notes what it wants; the owner cancels, and finds the note; the imposer is refused.
     */
    @JCStressTest
    @Outcome(id = "true, false, imposed", expect = ACCEPTABLE, desc = "complete -> cancel")
    @Outcome(id = "false, true, cancelled", expect = ACCEPTABLE, desc = "cancel -> complete")
    @Outcome(id = "false, true, imposed", expect = ACCEPTABLE_INTERESTING, desc = "noted -> cancelled -> refused: the answers are not true")
    @State
    public static class BrokenNoteDecides {
        private final AtomicReference<String> noted = new AtomicReference<>();
        private final AtomicReference<String> endedBy = new AtomicReference<>();
        private volatile String outcome;

        @Actor
        public void imposer(LLL_Result r) {
            noted.set("imposed");
            boolean won = endedBy.compareAndSet(null, "imposer");
            if (won) {
                outcome = "imposed";
            }
            r.r1 = won;
        }

        @Actor
        public void owner(LLL_Result r) {
            boolean won = endedBy.compareAndSet(null, "owner");
            if (won) {
                String instead = noted.get();
                outcome = instead != null ? instead : "cancelled";
            }
            r.r2 = won;
        }

        @Arbiter
        public void arbiter(LLL_Result r) {
            r.r3 = outcome;
        }
    }
}
