package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoHandle;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;

/**
 * Lets a channel of Netty's epoll transport wait for room to write after its peer has finished.
 *
 * <p>Since <a href="https://github.com/netty/netty/pull/16689">netty#16689</a> (4.2.13 and later, 4.2.20 included) the
 * transport removes a socket from epoll when there is nothing to wait for, as after the peer's FIN, and does not remember
 * that it has. The next write that fills the socket then modifies what is not there: it fails with {@code ENOENT}, the
 * output is shut down, and what was written is lost. A read that was on its way then closes the channel. So this
 * registration stands in for the channel's own, and where that one fails it is made anew.
 *
 * <p>The place where the channel keeps it is private. Where it cannot be reached, as for a Netty that is a named module, the
 * channel stays as it is.
 *
 * <p>On the channel's event loop only, unless said.
 */
final class EpollRegistration implements IoRegistration {
    private static final String TRANSPORT = "io.netty.channel.epoll.AbstractEpollChannel";

    private final Channel channel;
    private IoRegistration current;

    private EpollRegistration(Channel channel, IoRegistration current) {
        this.channel = channel;
        this.current = current;
    }

    /** The peer of a channel, of whatever transport, has finished, or may have by the time that this is done. Any thread. */
    static void keep(Channel channel) {
        Class<?> transport = transportOf(channel);
        if (transport == null) {
            return;
        }
        if (channel.eventLoop().inEventLoop()) {
            replace(channel, transport);
        } else {
            FullQueue.execute(channel.eventLoop(), () -> replace(channel, transport), () -> {}); // a handler's own executor
        }
    }

    private static void replace(Channel channel, Class<?> transport) {
        try {
            Field field = transport.getDeclaredField("registration");
            field.setAccessible(true);
            if (field.get(channel) instanceof IoRegistration own && !(own instanceof EpollRegistration)) {
                field.set(channel, new EpollRegistration(channel, own));
            }
        } catch (ReflectiveOperationException | RuntimeException inaccessible) {
            System.getLogger("io.valuetask.netty").log(Level.DEBUG,
                    () -> "a write that has to wait may fail, since the peer has finished: " + channel,
                    inaccessible);
        }
    }

    private static @Nullable Class<?> transportOf(Channel channel) {
        for (Class<?> type = channel.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(TRANSPORT)) {
                return type;
            }
        }
        return null;
    }

    @Override
    public long submit(IoOps ops) {
        try {
            return current.submit(ops);
        } catch (UncheckedIOException removed) {
            if (!current.isValid() || !renew()) {
                throw removed;
            }
            return current.submit(ops);
        }
    }

    private boolean renew() {
        if (!(channel.eventLoop() instanceof IoEventLoop loop)
                || !(channel.unsafe() instanceof IoHandle handle)) {
            return false;
        }
        current.cancel();
        var renewed = loop.register(handle); // at once: this is the loop
        if (!renewed.isSuccess()) {
            return false;
        }
        current = renewed.getNow();
        return true;
    }

    @Override
    public <T> T attachment() {
        return current.attachment();
    }

    @Override
    public boolean isValid() {
        return current.isValid();
    }

    @Override
    public boolean cancel() {
        return current.cancel();
    }
}
