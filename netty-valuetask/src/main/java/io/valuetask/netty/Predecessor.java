package io.valuetask.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Stands, before all else that is in flight at a handler, for what another one in front of it had accepted by the time that
 * this one was added, and that has not left yet. So whatever waits for the writes of the new handler, its {@code flush()},
 * {@code shutdownOutput()} and {@code close()}, waits for those of the old one, too.
 */
final class Predecessor extends ChannelOperation {
    /*
     *   new handler's executor   lists this, when the handler is added and before anybody uses it
     *   old handler's executor   lists the Remainder behind what is in flight there, also behind its own predecessors, and
     *                            behind the writes that are on their way there
     *                            comes to the Remainder: all that was before it has left, has failed or was abandoned
     *   new handler's executor   takes this out, and completes what waited for nothing else
     *
     * The two are one executor, mostly, and then there is no task between the steps; and nothing is listed where nothing is
     * in flight. The last step may come after the new handler has abandoned this, when it left the pipeline or the channel
     * was closed, and more than once where an executor ends: what is not in the list any more has ended. An old handler
     * whose executor has ended sends nothing, and is not waited for.
     */

    /** Of the first write that failed. Written on the old handler's executor before the task that is to tell; read by that. */
    private @Nullable Throwable failure;

    private Predecessor(ValueTaskHandler<?, ?> next) {
        super(next);
    }

    /** For a handler that has just been added: on its executor. */
    static void follow(ValueTaskHandler<?, ?> next, ChannelPipeline pipeline) {
        if (pipeline.get(ValueTaskHandler.class) == next) {
            return; // the first one, as nearly always
        }
        for (Map.Entry<String, ChannelHandler> entry : pipeline) {
            ChannelHandler handler = entry.getValue();
            if (handler == next) {
                return;
            }
            if (handler instanceof ValueTaskHandler<?, ?> before && before.isAdded()) {
                follow(next, before);
            }
        }
    }

    private static void follow(ValueTaskHandler<?, ?> next, ValueTaskHandler<?, ?> before) {
        boolean here = before.executor().inEventLoop();
        OutboundSide outbound = before.outbound();
        if (here && outbound.inFlight().isEmpty() && !outbound.writability().isTravelling()) {
            return;
        }
        Predecessor predecessor = new Predecessor(next);
        next.outbound().inFlight().add(predecessor);
        new Remainder(before, predecessor).enter();
    }

    /** Any thread. */
    private void hasLeft() {
        if (handler.executor().inEventLoop()) {
            proceed(); // before what is on its way there, as it would have if it were written here
        } else {
            enter();
        }
    }

    @Override
    void proceed() {
        if (!linked) {
            return;
        }
        Throwable cause = failure;
        OutboundSide outbound = handler.outbound();
        if (cause != null) {
            handler.ending().writeFailed(cause);
            outbound.failRemaindersBehind(this, cause);
            outbound.failFlushBehind(this, cause);
        }
        outbound.inFlight().remove(this);
        outbound.inFlight().passBarriers();
    }

    /** The new handler's executor does not take it: later; or if it has ended, that has ended what waits there. */
    @Override
    void reject(RejectedExecutionException rejected) {
        if (FullQueue.isWhy(handler.executor())) {
            FullQueue.again(this);
        }
    }

    @Override
    void perform(boolean claimed) {
        throw new AssertionError("is not performed: " + this);
    }

    @Override
    void abandon(Throwable cause) {
        handler.outbound().inFlight().remove(this); // those behind it are abandoned with it
    }

    /** Stands behind what the old handler has in flight. */
    static final class Remainder extends ChannelOperation {
        private final Predecessor standsFor;
        /** In {@link OutboundSide}, of those who are to learn of failures. Old handler's executor only. */
        @Nullable
        Remainder older;

        private Remainder(ValueTaskHandler<?, ?> before, Predecessor standsFor) {
            super(before);
            this.standsFor = standsFor;
        }

        @Override
        void proceed() {
            OutboundSide outbound = handler.outbound();
            if (outbound.inFlight().isEmpty()) {
                standsFor.hasLeft();
            } else {
                outbound.inFlight().add(this);
                outbound.remainderAdded(this);
            }
        }

        /** The first one counts. */
        void writeFailed(Throwable cause) {
            if (standsFor.failure == null) {
                standsFor.failure = cause;
            }
        }

        @Override
        boolean isBarrier() {
            return true;
        }

        @Override
        void passBarrier() {
            handler.outbound().remainderPassed(this);
            standsFor.hasLeft();
        }

        @Override
        void abandon(Throwable cause) {
            writeFailed(cause);
        }

        /** Also when the executor ends with this in its list, which nobody looks at any more. */
        @Override
        void reject(RejectedExecutionException rejected) {
            if (FullQueue.isWhy(handler.executor())) {
                FullQueue.again(this);
            } else {
                standsFor.hasLeft();
            }
        }

        @Override
        void perform(boolean claimed) {
            throw new AssertionError("is not performed: " + this);
        }
    }
}
