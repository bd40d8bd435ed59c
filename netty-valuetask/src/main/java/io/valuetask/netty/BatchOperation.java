package io.valuetask.netty;

import io.netty.util.ReferenceCountUtil;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.Collection;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Several messages as one step of the executor: each is a write that nobody awaits and that tells this of its failure,
 * and this is the flush behind them. A {@link Consumer}, so that it takes the messages of a list without an iterator.
 */
final class BatchOperation extends FlushOperation implements Consumer<@Nullable Object> {
    /*
     * Who has the messages:
     *
     *   loaded: false -> true  // claimer, when it has all of them; until then it releases what it has
     *           true -> false  // executor: gives them to the pipeline
     *                          // or a canceller that won the word: releases them; the task finds nothing
     *                          // or reject(): there may be no task any more; releases them
     *
     * See BatchDropStress, and its broken twin.
     */
    private static final VarHandle LOADED = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "loaded", VarHandle.class, BatchOperation.class, boolean.class);
    private static final VarHandle TRAVELLING = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "travelling", VarHandle.class, BatchOperation.class, long.class);

    private static final Object[] NO_ROOM = {};
    private static final int LEAST_ROOM = 8;
    /** Longer batches leave their array to the garbage collector: a connection lives long. */
    private static final int MOST_ROOM = 1024;

    /** Any thread, see above. */
    @SuppressWarnings("unused")
    private volatile boolean loaded;

    // Written by the claimer, and then by whoever has the messages; the word or the task queue, and loaded, order them.
    private @Nullable Object[] messages = NO_ROOM;
    private int count;

    /** What {@link Writability#departed} counted. Written by the claimer; taken by exchange, by the task or reject(). */
    @SuppressWarnings("unused")
    private long travelling;

    BatchOperation(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    /**
     * The messages belong to the operation from here on. Only between the claim and the start. Where this throws they are
     * released, as far as the collection gave them away, and the claim is given back.
     */
    BatchOperation with(Collection<?> batch) {
        try {
            batch.forEach(this);
            requireAll();
            handler.context();
        } catch (Throwable refused) {
            releaseAll();
            withdraw();
            throw refused;
        }
        LOADED.setVolatile(this, true);
        return this;
    }

    /** Of what may be null: the others are to be known, and released, first. */
    @Override
    public void accept(@Nullable Object message) {
        if (count == messages.length) {
            messages = Arrays.copyOf(messages, Math.max(LEAST_ROOM, 2 * count));
        }
        messages[count++] = message;
    }

    private void requireAll() {
        for (int i = 0; i < count; i++) {
            if (messages[i] == null) {
                throw new NullPointerException("messages[" + i + "]");
            }
        }
    }

    @Override
    void aboutToPost(boolean fromLoop) {
        long cost = 0;
        for (int i = 0; i < count; i++) {
            cost += handler.outbound().writability().departed(requireNonNull(messages[i]));
        }
        TRAVELLING.setVolatile(this, cost);
    }

    private void stopTravelling() {
        long cost = (long) TRAVELLING.getAndSet(this, 0L);
        if (cost > 0) {
            handler.outbound().writability().arrived(cost);
        }
    }

    /** Whether the messages are the caller's now. */
    private boolean unload() {
        return LOADED.compareAndSet(this, true, false);
    }

    @Override
    void perform(boolean claimed) {
        boolean wanted = unload();
        if (wanted) {
            collectFailure();
            writeAll();
        }
        stopTravelling(); // not before: the channel counts them now, or they are gone
        if (wanted) {
            flush(claimed);
        }
        if (!claimed) {
            handler.outbound().writability().changed();
        }
    }

    private void writeAll() {
        for (int i = 0; i < count; i++) {
            Object message = requireNonNull(messages[i]);
            messages[i] = null;
            handler.outbound().writeFor(this, message);
        }
        leaveEmpty();
    }

    private void releaseAll() {
        for (int i = 0; i < count; i++) {
            ReferenceCountUtil.safeRelease(messages[i]); // ignores null
            messages[i] = null;
        }
        leaveEmpty();
    }

    private void leaveEmpty() {
        count = 0;
        if (messages.length > MOST_ROOM) {
            messages = NO_ROOM;
        }
    }

    /**
     * {@inheritDoc}
     *
     * <p>If the pipeline has none of the messages yet, it will get none.
     */
    @Override
    public boolean cancel(long operation) {
        if (!super.cancel(operation)) {
            return false;
        }
        // Only now: whoever has not won might drop a later batch. The winner cannot, as this is retired.
        if (unload()) {
            releaseAll();
        }
        return true;
    }

    @Override
    void reject(RejectedExecutionException terminated) {
        retire();
        if (unload()) {
            releaseAll();
        }
        stopTravelling();
        super.reject(terminated);
    }
}
