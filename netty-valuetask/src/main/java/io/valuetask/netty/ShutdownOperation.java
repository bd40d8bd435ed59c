package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.NotYetConnectedException;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/** The end of the output: when everything written before it has left, the peer is told that no more will come. */
final class ShutdownOperation extends ChannelOperation {
    ShutdownOperation(ValueTaskHandler<?, ?> handler) {
        super(handler);
    }

    @Override
    void proceed() {
        perform(false);
    }

    @Override
    void perform(boolean claimed) {
        if (claimed) {
            pend();
        }
        ChannelHandlerContext context = handler.context();
        if (handler.ending().isHandedOver()) {
            abandon(InboundEnd.handedOver());
        } else if (duplex() == null) {
            abandon(new UnsupportedOperationException(
                    "this channel cannot shut down its output alone: " + handler.nettyChannel()
                            + "; close it"));
        } else if (context.isRemoved() || !handler.nettyChannel().isActive()) {
            abandon(new ClosedChannelException());
        } else {
            handler.ending().refuseWrites();
            handler.outbound().flusher().flush(context);
            OperationList inFlight = handler.outbound().inFlight();
            if (inFlight.isEmpty()) {
                passBarrier();
            } else {
                inFlight.add(this);
            }
        }
    }

    private @Nullable DuplexChannel duplex() {
        return handler.nettyChannel() instanceof DuplexChannel duplex ? duplex : null;
    }

    @Override
    boolean isBarrier() {
        return true;
    }

    @Override
    void passBarrier() {
        DuplexChannel channel = requireNonNull(duplex());
        if (!channel.isOpen()) {
            abandon(new ClosedChannelException()); // and what this waited for has not left
        } else if (channel.isOutputShutdown()) {
            tryComplete(token(), null); // somebody has done so before
        } else {
            shutDown(channel);
        }
    }

    private void shutDown(DuplexChannel channel) {
        Future<?> closeNotify = TlsEnd.send(handler.context());
        if (closeNotify == null) {
            channel.shutdownOutput().addListener(this::end);
        } else {
            closeNotify.addListener(sent -> channel.shutdownOutput().addListener(this::end));
        }
    }

    private void end(Future<?> shutDown) {
        Throwable cause = shutDown.cause();
        if (cause == null) {
            tryComplete(token(), null);
        } else if (cause instanceof NotYetConnectedException) {
            // It was connected: this is how epoll says that the peer has reset it, before it tells of that.
            ClosedChannelException closed = new ClosedChannelException();
            closed.initCause(cause);
            abandon(closed);
        } else {
            abandon(cause);
        }
    }

    @Override
    void abandon(Throwable cause) {
        tryCompleteExceptionally(token(), cause);
    }
}
