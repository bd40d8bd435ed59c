package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * The event loop where operations are posted ends, while a write is on its way there, and the channel lives elsewhere by
 * now. Whoever posts the next operation there, and not behind the write, must not overtake it.
 *
 * <p>Results: where the next one is posted; whether the write was passed on to the pipeline before.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t EntranceStress"</pre>
 */
public class EntranceStress {
    private EntranceStress() {}

    /** Before ours in the pipeline, and so the first to get what was written. */
    private static final class PassedOn extends ChannelOutboundHandlerAdapter {
        /** Plain: what sends the next one elsewhere is to order it. */
        private boolean isTold;

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            isTold = true;
            ctx.write(message, promise);
        }
    }

    @JCStressTest
    @Outcome(id = "behind it, .*", expect = ACCEPTABLE, desc = "as ever")
    @Outcome(id = "elsewhere, passed on", expect = ACCEPTABLE, desc = "there is nothing to overtake")
    @Outcome(id = "elsewhere, on its way", expect = FORBIDDEN, desc = "it overtakes the write")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final PassedOn pipeline = new PassedOn();
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>(pipeline);
        private final ActorExecutor elsewhere = new ActorExecutor();

        public Actual() {
            channel.outbound().write(new CountedMessage(), true, false);
            channel.executor.shutDown();
        }

        @Actor
        public void loop() {
            channel.executor.enter();
            channel.executor.runTasks();
        }

        @Actor
        public void writer(LL_Result r) {
            r.r1 = channel.handler.entrance().executor(elsewhere) == elsewhere ? "elsewhere" : "behind it";
            r.r2 = pipeline.isTold ? "passed on" : "on its way";
        }
    }

    /**
     * Removed: a write is on its way until the pipeline has it. Here it is off the count as its task begins.
     *
     * <p>Goes wrong: the next one is posted before the task has passed the write on.
     */
    @JCStressTest
    @Outcome(id = "behind it, .*", expect = ACCEPTABLE, desc = "as ever")
    @Outcome(id = "elsewhere, passed on", expect = ACCEPTABLE, desc = "there is nothing to overtake")
    @Outcome(id = "elsewhere, on its way", expect = ACCEPTABLE_INTERESTING, desc = "loop counts -> writer finds nothing on its way -> loop passes it on: overtaken")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenCountedFirst {
        private volatile long travelling = 1;
        private volatile boolean passedOn;

        @Actor
        public void loop() {
            travelling = 0;
            passedOn = true;
        }

        @Actor
        public void writer(LL_Result r) {
            r.r1 = travelling == 0 ? "elsewhere" : "behind it";
            r.r2 = passedOn ? "passed on" : "on its way";
        }
    }
}
