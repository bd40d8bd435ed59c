package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.valuetask.netty.OperationTally.Kind;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** The listening side of a world: a server for each traffic. */
final class SoakServers {
    private static final Duration ACCEPT_PATIENCE = Duration.ofMillis(50);

    private final SoakWorld world;
    private final Map<SoakTraffic, Channel> listeners = new EnumMap<>(SoakTraffic.class);
    private final Map<SoakTraffic, SocketAddress> addresses = new EnumMap<>(SoakTraffic.class);

    SoakServers(SoakWorld world) {
        this.world = world;
    }

    void listen() throws Exception {
        for (SoakTraffic traffic : SoakTraffic.values()) {
            Channel listener = listen(traffic, world.serverBootstrap());
            listeners.put(traffic, listener);
            addresses.put(traffic, listener.localAddress());
        }
    }

    /** In one of the three ways there are. */
    private Channel listen(SoakTraffic traffic, ServerBootstrap bootstrap) throws Exception {
        return switch (traffic) {
            case CALLBACKS -> bootstrap.childHandler(ValueTaskChannelInitializer
                    .<ByteBuf, ByteBuf>onActive(world.soak().opening(), this::serveByCallbacks))
                    .bind(Listening.anyPort()).sync().channel();
            case ECHO -> bootstrap.childHandler(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(
                    world.soak().opening(), channel -> world.run(() -> serve(traffic, channel)))
                    .scheduling(world.scheduling()))
                    .bind(Listening.anyPort()).sync().channel();
            default -> {
                var server = ValueTaskServerChannel.<ByteBuf, ByteBuf>bind(
                        bootstrap.childHandler(world.soak().opening()), Listening.anyPort()).await();
                world.start("soak-acceptor", server.channel().eventLoop(),
                        () -> acceptAgainAndAgain(traffic, server));
                yield server.channel();
            }
        };
    }

    private void acceptAgainAndAgain(SoakTraffic traffic, ValueTaskServerChannel<ByteBuf, ByteBuf> server)
            throws Exception {
        while (server.channel().isOpen()) {
            try {
                var channel = world.tally().count(Kind.ACCEPT, server,
                        () -> server.accept().await(ACCEPT_PATIENCE));
                world.start("soak-server", channel.channel().eventLoop(), () -> serve(traffic, channel));
            } catch (TimeoutException nobodyCame) {
                // Nothing is lost.
            }
        }
    }

    private void serve(SoakTraffic traffic, ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        try (SoakSession session = world.begin(channel, Thread.currentThread())) {
            traffic.serve(world, session);
        }
    }

    private void serveByCallbacks(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
        world.begin(channel, null);
        new CallbackEcho(channel, world.tally(), ended -> {}).start();
    }

    SocketAddress address(SoakTraffic traffic) {
        return addresses.get(traffic);
    }

    /** Before the loops end, or the kernel goes on accepting for loops that are gone. */
    void close() throws InterruptedException {
        for (Channel listener : listeners.values()) {
            listener.close().await();
        }
    }
}
