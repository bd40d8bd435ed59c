package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTaskSourceStatus;
import io.valuetask.netty.ValueTaskHandler;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CancellationException;
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
 * A read of two bytes has one and waits for the other. While that arrives, the read is cancelled and replaced
 * by a read of one byte. Whoever looks after the bytes, none is lost and none counted twice.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t ReplacedReadStress"</pre>
 */
public class ReplacedReadStress {
    private ReplacedReadStress() {}

    @JCStressTest
    @Outcome(id = "both, 0", expect = ACCEPTABLE, desc = "the second byte came before the cancellation")
    @Outcome(id = "first, 1", expect = ACCEPTABLE, desc = "cancelled; the next read took one and left one")
    @Outcome(expect = FORBIDDEN, desc = "a byte was lost or doubled, or the next read waits for what is there")
    @State
    public static class Actual {
        private final ValueTaskHandler<ByteBuf, ByteBuf> handler = new ValueTaskHandler<>();
        private final EmbeddedChannel channel = new EmbeddedChannel(handler);
        private final StreamReadSource reads = new StreamReadSource(handler.channel());
        private final long two = reads.read(Unpooled.buffer(2), 0, ReadDemand.exactly(2));
        private long next;

        public Actual() {
            channel.writeInbound(Unpooled.buffer(1).writeByte(1));
        }

        @Actor
        public void pipeline() {
            handler.channelRead(channel.pipeline().context(handler), Unpooled.buffer(1).writeByte(2));
        }

        @Actor
        public void reader() {
            if (reads.cancel(two) && take(two) < 0) {
                next = reads.read(null, 0, ReadDemand.upTo(1));
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            if (next == 0) {
                r.r1 = take(two) == 2 ? "both" : "another";
            } else if (reads.getStatus(next) == ValueTaskSourceStatus.PENDING) {
                r.r1 = "nothing";
            } else {
                r.r1 = take(next) == 1 ? "first" : "another";
            }
            r.r2 = reads.available();
        }

        /** What the read answers; a negative number if it was cancelled. */
        private int take(long token) {
            try {
                return reads.getResultAsInt(token);
            } catch (CancellationException | IOException failed) {
                return -1;
            }
        }
    }

    /**
     * Removed: the turn. Whoever brings a byte adds it to what is there if it sees a read pending, and the
     * reader looks at what is there as soon as its read is alone.
     *
     * <p>Goes wrong: the read is cancelled after it was seen pending, and both change what is there.
     */
    @JCStressTest
    @Outcome(id = "both, 0", expect = ACCEPTABLE, desc = "the second byte came before the cancellation")
    @Outcome(id = "first, 1", expect = ACCEPTABLE, desc = "cancelled; the next read took one and left one")
    @Outcome(id = {"first, 2",
        "first, 0"}, expect = ACCEPTABLE_INTERESTING, desc = "both read one -> one writes two, the other zero: a byte doubled or lost")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenNoTurn {
        private static final int PENDING = 0;
        private static final int DONE = 1;
        private static final int CANCELED = 2;
        private static final VarHandle READ = fieldVarHandle(lookup(), "read", VarHandle.class,
                BrokenNoTurn.class, int.class);

        private volatile int read;
        private volatile int there = 1;
        /** What arrives while nobody waits. */
        private int waiting;
        private boolean replaced;

        @Actor
        public void pipeline() {
            if (read == PENDING) {
                there = there + 1;
                READ.compareAndSet(this, PENDING, DONE);
            } else {
                waiting = 1;
            }
        }

        @Actor
        public void reader() {
            if (READ.compareAndSet(this, PENDING, CANCELED)) {
                replaced = true;
                there = there - 1;
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = replaced ? "first" : "both";
            r.r2 = replaced ? there + waiting : there - 2;
        }
    }
}
