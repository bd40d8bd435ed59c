package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.socket.DuplexChannel;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * Has a channel of Netty's io_uring transport do the two reads that the transport, as of 4.2.18, forgets. Does nothing to
 * other channels.
 *
 * <p><b>The one behind a reset.</b> The transport polls for input once and for all, and is told of each arrival once. Where
 * it is told of a reset while it reads what came before, it leaves that to the read that is under way, of which the kernel
 * then says that no more is in the socket: true of the bytes, and not of the failure. Nobody reads on, and the reset is never
 * told. So when a batch of reads is over and the end is known to come, the transport is told that there is more. The place
 * where it keeps that is private. Where it cannot be reached, as for a Netty that is a named module, the channel stays as it
 * is, and {@code -Dio.netty.iouring.pollAddMultishotEnabled=false} helps.
 *
 * <p><b>The one on another event loop.</b> A read that was asked for and not begun when the channel left its loop is taken
 * for one that is still to come, so that no other is begun. Switching {@code AUTO_READ} off makes the transport forget it.
 *
 * <p>On the channel's event loop only, unless said.
 */
final class IoUringReads {
    private static final String TRANSPORT = "io.netty.channel.uring.AbstractIoUringChannel";

    // Constants, since every batch of every channel asks.
    private static final @Nullable Class<?> TYPE = findType();
    private static final @Nullable VarHandle HAS_MORE = findHasMore();

    private IoUringReads() {}

    private static @Nullable Class<?> findType() {
        try {
            return Class.forName(TRANSPORT, false, IoUringReads.class.getClassLoader());
        } catch (ClassNotFoundException | LinkageError none) {
            return null;
        }
    }

    private static @Nullable VarHandle findHasMore() {
        if (TYPE == null) {
            return null;
        }
        try {
            return MethodHandles.privateLookupIn(TYPE, MethodHandles.lookup())
                    .findVarHandle(TYPE, "socketHasMoreData", boolean.class);
        } catch (ReflectiveOperationException | RuntimeException inaccessible) {
            System.getLogger("io.valuetask.netty").log(Level.DEBUG,
                    "a reset may never be told on io_uring", inaccessible);
            return null;
        }
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
            loop.execute(() -> readOnToTheEnd(channel)); // before the read, which goes there too
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
                && handle.continueReading(() -> false);
    }

    /** The channel was registered before, with this event loop or another; it has not been asked for a read since. */
    static void registeredAgain(Channel channel) {
        if (isOn(channel)) {
            ChannelConfig config = channel.config();
            config.setAutoRead(true);
            config.setAutoRead(false);
        }
    }
}
