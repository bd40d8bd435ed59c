package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

import static java.lang.invoke.MethodHandles.filterReturnValue;
import static java.lang.invoke.MethodType.methodType;

/**
 * Makes up for what Netty's io_uring transport, as of 4.2.18, forgets or does not tell. Does nothing to other channels.
 *
 * <p><b>The read behind a reset.</b> The transport polls for input once and for all, and is told of each arrival once. Where
 * it is told of a reset while it reads what came before, it leaves that to the read that is under way, of which the kernel
 * then says that no more is in the socket: true of the bytes, and not of the failure. Nobody reads on, and the reset is never
 * told. So when a batch of reads is over and the end is known to come, the transport is told that there is more.
 *
 * <p><b>The read on another event loop.</b> A read that was asked for and not begun when the channel left its loop is taken
 * for one that is still to come, so that no other is begun. Switching {@code AUTO_READ} off makes the transport forget it.
 *
 * <p><b>That it is about to close.</b> A close waits for the read that is under way. Meanwhile the channel is open for who
 * asks, and if a write has met a reset and is why, that read finds the end of the stream.
 *
 * <p><b>The write that met the reset, and is not back.</b> The kernel tells a reset once. A thread of its own may be the one
 * that is told, in the middle of a write; the read finds the end of the stream before the transport hears of that write.
 * A connection that is closed below while this side has not shut its half down was reset.
 *
 * <p>The places where it keeps the first and the last two are private. Where they cannot be reached, as for a Netty that is a
 * named module, the channel stays as it is.
 *
 * <p>On the channel's event loop, unless said.
 */
final class IoUringTransport {
    private static final String CHANNEL = "io.netty.channel.uring.AbstractIoUringChannel";

    // Constants, since every batch of every channel asks.
    private static final @Nullable Class<?> TYPE = find(CHANNEL);
    private static final @Nullable VarHandle HAS_MORE;
    private static final @Nullable VarHandle DELAYED_CLOSE;
    private static final @Nullable VarHandle CAUSE;
    private static final @Nullable VarHandle WRITES;
    /** Of {@code (Channel)int}, for a TCP socket: the number that the kernel has for its state. */
    private static final @Nullable MethodHandle TCP_STATE;
    private static final @Nullable Class<?> TCP = find("io.netty.channel.uring.IoUringSocketChannel");
    /** {@code TCP_CLOSE} of {@code <netinet/tcp.h>}. */
    private static final int CLOSED = 7;

    static {
        VarHandle hasMore = null;
        VarHandle delayedClose = null;
        VarHandle cause = null;
        VarHandle writes = null;
        MethodHandle tcpState = null;
        try {
            if (TYPE != null && TCP != null) {
                MethodHandles.Lookup inside = MethodHandles.privateLookupIn(TYPE, MethodHandles.lookup());
                Class<?> closing = inside.findClass(CHANNEL + "$DelayedClose");
                hasMore = inside.findVarHandle(TYPE, "socketHasMoreData", boolean.class);
                cause = MethodHandles.privateLookupIn(closing, inside).findVarHandle(closing, "cause",
                        Throwable.class);
                delayedClose = inside.findVarHandle(TYPE, "delayedClose", closing);
                writes = inside.findVarHandle(TYPE, "numOutstandingWrites", short.class);
                tcpState = tcpState(inside, TCP);
            }
        } catch (ReflectiveOperationException | RuntimeException inaccessible) {
            System.getLogger("io.valuetask.netty").log(Level.DEBUG,
                    "on io_uring a reset may not be told, or be told as an end", inaccessible);
        }
        HAS_MORE = hasMore;
        DELAYED_CLOSE = delayedClose;
        CAUSE = cause;
        WRITES = writes;
        TCP_STATE = tcpState;
    }

    private IoUringTransport() {}

    private static @Nullable Class<?> find(String name) {
        try {
            return Class.forName(name, false, IoUringTransport.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError none) {
            return null;
        }
    }

    private static MethodHandle tcpState(MethodHandles.Lookup inside, Class<?> channel)
            throws ReflectiveOperationException {
        Class<?> info = inside.findClass("io.netty.channel.uring.IoUringTcpInfo");
        MethodHandle ofChannel = inside.findVirtual(channel, "tcpInfo", methodType(info));
        MethodHandle ofInfo = inside.findVirtual(info, "state", methodType(int.class));
        return filterReturnValue(ofChannel, ofInfo).asType(methodType(int.class, Channel.class));
    }

    private static boolean isOn(Channel channel) {
        return TYPE != null && TYPE.isInstance(channel);
    }

    /** A batch of reads is over, and the next read not yet asked for. Any thread that is the handler's executor. */
    static void batchEnded(Channel channel) {
        if (HAS_MORE == null || !isOn(channel)) {
            return;
        }
        EventLoop loop = channel.eventLoop();
        if (loop.inEventLoop()) {
            readOnToTheEnd(channel);
        } else {
            FullQueue.execute(loop, () -> readOnToTheEnd(channel), () -> {}); // before the read, which goes there too
        }
    }

    private static void readOnToTheEnd(Channel channel) {
        VarHandle hasMore = HAS_MORE;
        if (hasMore != null && channel instanceof DuplexChannel duplex && !duplex.isInputShutdown()
                && isEndToCome(channel)) {
            hasMore.set(channel, true);
        }
    }

    /** Without AUTO_READ, nothing else makes the transport read on when it has read no more than was there. */
    private static boolean isEndToCome(Channel channel) {
        return channel.unsafe().recvBufAllocHandle() instanceof RecvByteBufAllocator.ExtendedHandle handle
                && handle.lastBytesRead() > 0 // it has read at all, and knows its configuration
                && handle.continueReading(() -> false);
    }

    /** The channel was registered before, with this event loop or another; it has not been asked for a read since. */
    static void registeredAgain(Channel channel) {
        ChannelConfig config = channel.config();
        if (isOn(channel) && !config.isAutoRead()) {
            config.setAutoRead(true);
            config.setAutoRead(false);
        }
    }

    /** It is about to be closed, and says that it is open. Any thread that is the handler's executor. */
    static boolean isClosing(Channel channel) {
        VarHandle delayedClose = DELAYED_CLOSE;
        return delayedClose != null && isOn(channel) && delayedClose.get(channel) != null;
    }

    /**
     * The failure of a write which is why a read has found the end of the stream; null if there is none. As
     * {@link #isClosing}.
     */
    static @Nullable IOException metByWrite(Channel channel) {
        if (!isOn(channel)) {
            return null;
        }
        IOException told = closingFor(channel);
        return told == null && isResetAmidWrite(channel)
                ? new IOException(
                        "connection reset by peer, which a write that is not back yet has met: " + channel)
                : told;
    }

    private static @Nullable IOException closingFor(Channel channel) {
        VarHandle delayedClose = DELAYED_CLOSE;
        VarHandle cause = CAUSE;
        Object closing = delayedClose == null ? null : delayedClose.get(channel);
        return closing != null && cause != null && cause.get(closing) instanceof IOException failure
                && !(failure instanceof ClosedChannelException) ? failure : null;
    }

    private static boolean isResetAmidWrite(Channel channel) {
        VarHandle writes = WRITES;
        MethodHandle tcpState = TCP_STATE;
        if (writes == null || tcpState == null || TCP == null || !TCP.isInstance(channel)
                || (short) writes.get(channel) == 0
                || ((DuplexChannel) channel).isOutputShutdown()) {
            return false;
        }
        try {
            return (int) tcpState.invokeExact(channel) == CLOSED;
        } catch (Throwable noSocket) {
            return false; // closed here by now: then that is the reason
        }
    }
}
