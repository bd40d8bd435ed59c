package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.valuetask.netty.ActorChannel;
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
 * A stream is closed while a second byte is written to it. What was taken leaves the buffer: handed over by the closer,
 * or by the writer, whom the closer found there.
 *
 * <p>Results: whether the second byte was taken; how many the channel got.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t WriteBufferCloseStress"</pre>
 */
public class WriteBufferCloseStress {
    private WriteBufferCloseStress() {}

    @JCStressTest
    @Outcome(id = "taken, 2", expect = ACCEPTABLE, desc = "writer -> closer, or the closer found the writer")
    @Outcome(id = "refused, 1", expect = ACCEPTABLE, desc = "closer -> writer")
    @Outcome(id = {"taken, 0", "taken, 1"}, expect = FORBIDDEN, desc = "lost in the buffer")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final ActorChannel<ByteBuf> channel = new ActorChannel<>();
        private final WriteBuffer writes = new WriteBuffer(channel.handler.channel(), 16);

        public Actual() {
            writes.writeByte(1);
        }

        @Actor
        public void writer(LL_Result r) {
            r.r1 = writes.writeByte(2) == WriteBuffer.REFUSED ? "refused" : "taken";
        }

        @Actor
        public void closer() {
            writes.close();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            channel.runTheRest();
            channel.handler.channel().flush();
            channel.executor.runTasks();
            ByteBuf sent = channel.netty.readOutbound();
            r.r2 = sent == null ? 0 : sent.readableBytes();
            if (sent != null) {
                sent.release();
            }
        }
    }

    /**
     * Removed: the writer's look whether the stream was closed, behind its leaving the buffer. Here it looks, and then
     * leaves.
     *
     * <p>Goes wrong: the closer comes in between, finds the writer, and goes.
     */
    @JCStressTest
    @Outcome(id = "taken, 2", expect = ACCEPTABLE, desc = "writer -> closer, or the closer found the writer")
    @Outcome(id = "refused, 1", expect = ACCEPTABLE, desc = "closer -> writer")
    @Outcome(id = "taken, 0", expect = ACCEPTABLE_INTERESTING, desc = "writer looks -> closer finds the writer, goes -> writer leaves: lost in the buffer")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenLeave {
        private static final VarHandle WRITING = fieldVarHandle(lookup(), "writing", VarHandle.class,
                BrokenLookThenLeave.class, boolean.class);

        private volatile boolean writing;
        private volatile boolean closed;
        private int buffered = 1;
        private int sent;

        @Actor
        public void writer(LL_Result r) {
            if (!WRITING.compareAndSet(this, false, true)) {
                r.r1 = "refused";
                return;
            }
            boolean refused = closed;
            if (!refused) {
                buffered = 2;
            }
            if (closed) {
                handOver();
            }
            writing = false;
            r.r1 = refused ? "refused" : "taken";
        }

        @Actor
        public void closer() {
            closed = true;
            if (WRITING.compareAndSet(this, false, true)) {
                handOver();
                writing = false;
            }
        }

        private void handOver() {
            sent += buffered;
            buffered = 0;
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = sent;
        }
    }
}
