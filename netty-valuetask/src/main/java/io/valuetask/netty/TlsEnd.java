package io.valuetask.netty;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.Future;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The end that TLS has of its own, before that of the connection: close_notify. The library does without netty-handler
 * where a pipeline does.
 */
final class TlsEnd {
    /** It is optional, and so is what may be in a pipeline of it. */
    static final boolean NETTY_HANDLER_IS_THERE = isPresent();

    private TlsEnd() {}

    private static boolean isPresent() {
        try {
            return SslHandler.class.getName() != null;
        } catch (NoClassDefFoundError absent) {
            return false;
        }
    }

    /** Whether the peer has said by this that it has finished. */
    static boolean isOfPeer(Object event) {
        return NETTY_HANDLER_IS_THERE && event instanceof SslCloseCompletionEvent end && end.isSuccess();
    }

    /**
     * Tells the handlers behind TLS that their input is over, in the words of a transport: whoever holds the beginning of a
     * message lets go of it then, and the event comes here behind that. Does nothing where TLS has left the pipeline, which
     * goes on without it. On the executor.
     */
    static void endInput(ChannelPipeline pipeline) {
        for (Map.Entry<String, ChannelHandler> entry : pipeline) {
            if (entry.getValue() instanceof SslHandler tls && tls.sslCloseFuture().isSuccess()) {
                ChannelHandlerContext context = pipeline.context(tls);
                if (context != null) {
                    context.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
                }
                return;
            }
        }
    }

    /** Tells the peer that this side has finished; null where there is no TLS. On the executor. */
    static @Nullable Future<?> send(ChannelHandlerContext context) {
        return NETTY_HANDLER_IS_THERE ? sendBy(context.pipeline()) : null;
    }

    private static @Nullable Future<?> sendBy(ChannelPipeline pipeline) {
        SslHandler tls = pipeline.get(SslHandler.class);
        return tls == null ? null : tls.closeOutbound();
    }
}
