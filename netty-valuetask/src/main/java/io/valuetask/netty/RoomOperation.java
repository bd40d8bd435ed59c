package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.valuetask.ValueTask;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** One wait for room to write. */
final class RoomOperation extends ChannelOperation {
    RoomOperation(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    /** Of a wait that has been started; none is needed where there is room. */
    static ValueTask<@Nullable Void> taskOf(@Nullable RoomOperation room) {
        return room == null ? ValueTask.completed() : ValueTask.fromSource(room, room.token());
    }

    /** In place of {@link #start}: there is nothing to wait for, since what was sent before could not be. */
    RoomOperation failed(Throwable cause) {
        pend();
        abandon(cause);
        return this;
    }

    @Override
    void proceed() {
        perform(false);
    }

    @Override
    void perform(boolean claimed) {
        Writability writability = handler.outbound().writability();
        ChannelHandlerContext context = handler.contextIfWritable();
        if (context == null || !handler.nettyChannel().isOpen()) {
            if (claimed) {
                pend();
            }
            abandon(new ClosedChannelException());
        } else if (writability.hasRoom()) {
            if (claimed) {
                succeed(null);
            } else {
                found();
            }
        } else {
            writability.await(this);
            if (claimed) {
                pend();
            }
            // What is not flushed never leaves. So whoever waits for room flushes, whatever the policy.
            Flusher flusher = handler.outbound().flusher();
            if (claimed) {
                flusher.flush(context);
            } else {
                flusher.gatherAndFlush(context);
            }
        }
    }

    void found() {
        tryComplete(token(), null);
    }

    /** {@inheritDoc} It stays among those who wait, and is not used again. */
    @Override
    public boolean cancel(long operation) {
        return cancelAndRetire(operation);
    }

    @Override
    void abandon(Throwable cause) {
        tryCompleteExceptionally(token(), cause);
    }
}
