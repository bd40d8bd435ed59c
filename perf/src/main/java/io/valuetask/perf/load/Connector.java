package io.valuetask.perf.load;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskChannels;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;

/** Opens connections to the target, up to the end of the TLS handshake, with the pace of slow peers if that is asked for. */
final class Connector {
    private final LoadOptions options;
    private final Target target;
    private final InetSocketAddress address;
    private final Bootstrap bootstrap;
    private final SslContext tls;
    private final ValueTaskChannelOptions channelOptions;

    Connector(LoadOptions options) throws LoadFailure {
        this.options = options;
        target = options.target();
        address = resolve(target);
        tls = target.protocol().tls() ? context(target.protocol().http2()) : null;
        // What is still to be sent on a connection that is closed is of no use to anybody; and a server that goes away in
        // the middle of a TLS handshake is noticed at once only where its FIN closes the channel.
        channelOptions = ValueTaskChannelOptions.DEFAULTS.closeDeadline(Duration.ZERO)
                .halfClosure(options.halfClose);
        bootstrap = new Bootstrap()
                .channel(options.epoll() ? EpollSocketChannel.class : NioSocketChannel.class)
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeoutMillis());
        if (options.slowReader > 0) {
            bootstrap.option(ChannelOption.RECVBUF_ALLOCATOR,
                    new FixedRecvByteBufAllocator(SlowReads.chunk(options.slowReader)).maxMessagesPerRead(1));
        }
    }

    private static InetSocketAddress resolve(Target target) throws LoadFailure {
        try {
            return new InetSocketAddress(InetAddress.getByName(target.host()), target.port());
        } catch (UnknownHostException unknown) {
            throw new LoadFailure("there is no host '" + target.host() + "'", unknown);
        }
    }

    /** Trusts whoever answers: a server under test rarely has a certificate that others have signed. */
    private static SslContext context(boolean http2) throws LoadFailure {
        SslContextBuilder builder = SslContextBuilder.forClient().sslProvider(SslProvider.JDK)
                .trustManager(InsecureTrustManagerFactory.INSTANCE);
        if (http2) {
            builder.applicationProtocolConfig(new ApplicationProtocolConfig(Protocol.ALPN,
                    SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT,
                    ApplicationProtocolNames.HTTP_2));
        }
        try {
            return builder.build();
        } catch (SSLException failure) {
            throw new LoadFailure("cannot set up TLS: " + failure.getMessage(), failure);
        }
    }

    private int timeoutMillis() {
        return (int) Math.max(1, Math.round(options.timeoutSeconds * 1e3));
    }

    IoHandlerFactory ioHandler() {
        return options.epoll() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    }

    /**
     * Opens a connection and waits for it.
     *
     * @param loop what carries it
     * @param codecs adds what comes behind TLS
     * @throws IOException if that fails, in the time of a request; nothing is left open then
     */
    <I, O> ValueTaskChannel<I, O> open(EventLoop loop, Consumer<? super ChannelPipeline> codecs)
            throws IOException, InterruptedException {
        ValueTaskChannel<I, O> channel = ValueTaskChannels
                .<I, O>connect(bootstrap.clone(loop), address, channelOptions, pipeline -> {
                    if (options.slowReader > 0) {
                        pipeline.addLast(new SlowReads(options.slowReader));
                    }
                    if (options.slowWriter > 0) {
                        pipeline.addLast(new SlowWrites(options.slowWriter));
                    }
                    if (tls != null) {
                        pipeline.addLast(tlsHandler(pipeline));
                    }
                    codecs.accept(pipeline);
                }).await();
        boolean open = false;
        try {
            if (tls != null) {
                shakeHands(channel);
            }
            open = true;
            return channel;
        } finally {
            if (!open) {
                channel.close();
            }
        }
    }

    private SslHandler tlsHandler(ChannelPipeline pipeline) {
        SslHandler handler = tls.newHandler(pipeline.channel().alloc(), target.host(), target.port());
        handler.setHandshakeTimeoutMillis(timeoutMillis());
        return handler;
    }

    private void shakeHands(ValueTaskChannel<?, ?> channel) throws IOException, InterruptedException {
        for (Object event; (event = channel.readEvent().await()) != null;) {
            if (event instanceof SslHandshakeCompletionEvent handshake) {
                if (!handshake.isSuccess()) {
                    throw new IOException("the TLS handshake failed: " + handshake.cause().getMessage(),
                            handshake.cause());
                }
                requireHttp2(channel);
                return;
            }
        }
        throw new IOException("the server closed the connection during the TLS handshake");
    }

    private void requireHttp2(ValueTaskChannel<?, ?> channel) throws IOException {
        String chosen = channel.channel().pipeline().get(SslHandler.class).applicationProtocol();
        if (target.protocol().http2() && !ApplicationProtocolNames.HTTP_2.equals(chosen)) {
            throw new IOException("the server did not choose h2 in the TLS handshake, but " + chosen);
        }
    }
}
