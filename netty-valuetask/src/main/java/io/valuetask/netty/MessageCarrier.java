package io.valuetask.netty;

import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/** What a write carries to the pipeline: a message, of which it is clear at each step who releases it. */
abstract class MessageCarrier extends ReusablePromise {
    private static final VarHandle MESSAGE = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "message",
            VarHandle.class, MessageCarrier.class, Object.class);

    // Written by the claimer, read and cleared by the executor; the word or the task queue orders the two. The message of a
    // dropped write is taken by exchange.
    private @Nullable Object message;
    /** What {@link Writability#departed} counted; 0 if this did not travel, or has arrived. */
    private int travelling;
    /** It was, and by a virtual thread of the loop. */
    private boolean onLoop;

    /** Goes behind all that is on its way to the executor, on that, too. Written by the claimer. */
    private boolean inTurn;

    /** What the message is one of, if anything. Executor only. */
    private @Nullable BatchOperation batch;

    MessageCarrier(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    /** It is this write's from here on. Only between the claim and the start. */
    final void load(Object messageToWrite, boolean behindOthers) {
        message = messageToWrite;
        inTurn = behindOthers;
    }

    /** As in raw Netty: each thread's writes keep their order, and so do the executor's tasks. */
    @Override
    final boolean mayOvertake() {
        return !inTurn;
    }

    /** It is one of these from here on. */
    final void join(@Nullable BatchOperation whole) {
        batch = whole;
    }

    /** Answers whether there is a batch, and somebody who may await it. */
    final boolean isToldToBatch(Throwable failure) {
        BatchOperation whole = batch;
        if (whole == null || whole.isLetGo()) {
            return false;
        }
        whole.writeFailed(failure);
        return true;
    }

    /** It sets out to the executor, from a virtual thread of the loop or from another one. */
    final void depart(boolean fromLoop) {
        Writability writability = handler.outbound().writability();
        Object counted = requireNonNull(message);
        onLoop = fromLoop;
        travelling = fromLoop ? writability.departedOnLoop(counted) : writability.departed(counted);
    }

    @Override
    public final void leavesLoop() {
        if (onLoop && travelling > 0) { // else it has arrived, and who publishes it may be on any thread
            onLoop = false;
            handler.outbound().writability().leftLoop(travelling);
        }
    }

    /** It has arrived, or nobody will come for it. */
    final void stopTravelling() {
        int cost = travelling;
        if (cost > 0) {
            travelling = 0;
            Writability writability = handler.outbound().writability();
            if (onLoop) {
                writability.arrivedOnLoop(cost);
            } else {
                writability.arrived(cost);
            }
        }
    }

    /** Of a write that has started, and so is the executor's alone. It is the pipeline's then. */
    final Object unload() {
        Object taken = requireNonNull(message);
        message = null;
        return taken;
    }

    /** Of a write that was dropped. Once, though both a late task and whoever gave it up may come for it. Any thread. */
    final void releaseDropped() {
        Object unwritten = MESSAGE.getAndSet(this, null);
        if (unwritten != null) {
            stopTravelling();
            ReferenceCountUtil.safeRelease(unwritten);
        }
    }
}
