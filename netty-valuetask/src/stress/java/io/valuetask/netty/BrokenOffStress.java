package io.valuetask.netty;

import io.valuetask.CancellationToken;
import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
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
 * A stream is broken off while somebody reads. The transport tells the end of a broken connection as it tells any other,
 * and the reader must not take it for that: what it has is not the whole.
 *
 * <p>Results: what the read came to.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t BrokenOffStress"</pre>
 */
public class BrokenOffStress {
    private static final String BROKEN = "broken off";
    private static final String END = "end";
    private static final String WAITS = "waits";

    private BrokenOffStress() {}

    @JCStressTest
    @Outcome(id = BROKEN, expect = ACCEPTABLE, desc = "told that it is not the whole")
    @Outcome(id = END, expect = FORBIDDEN, desc = "takes it for the whole")
    @Outcome(id = WAITS, expect = FORBIDDEN, desc = "it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private static final IOException CAUSE = new IOException("of the connection");

        private final DeadlineReads reads = new DeadlineReads(new ActorExecutor(), new InboundQueue(1, 1));

        @Actor
        public void executor() {
            reads.source.brokenBy(CAUSE);
            reads.source.end(InboundEnd.END_OF_STREAM);
        }

        @Actor
        public void reader() {
            reads.token = reads.source.read(CancellationToken.NONE);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            r.r1 = outcome();
        }

        private String outcome() {
            if (reads.status() == ValueTaskSourceStatus.PENDING) {
                return WAITS;
            }
            try {
                return reads.source.getResult(reads.token) == null ? END : "a message";
            } catch (IOException failure) {
                return failure.getCause() == CAUSE ? BROKEN : failure.toString();
            }
        }
    }

    /**
     * Removed: the order. Here the end is told before what broke it off.
     *
     * <p>Goes wrong: the reader comes in between.
     */
    @JCStressTest
    @Outcome(id = BROKEN, expect = ACCEPTABLE, desc = "told that it is not the whole")
    @Outcome(id = WAITS, expect = ACCEPTABLE, desc = "comes before both, and is going to be told")
    @Outcome(id = END, expect = ACCEPTABLE_INTERESTING, desc = "executor tells the end -> reader -> executor tells the cause: takes it for the whole")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenEndFirst {
        private volatile boolean end;
        private volatile boolean broken;

        @Actor
        public void executor() {
            end = true;
            broken = true;
        }

        @Actor
        public void reader(L_Result r) {
            r.r1 = !end ? WAITS : broken ? BROKEN : END;
        }
    }
}
