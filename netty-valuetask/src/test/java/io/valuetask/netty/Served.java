package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import io.valuetask.schedule.BodyScheduling;
import io.valuetask.schedule.EventLoopVirtualThreads;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A server whose connections have a body each, as users have it, and clients that are plain sockets. */
final class Served implements AutoCloseable {
    private final Transport transport;
    private final EventLoopGroup group;
    private final BodyScheduling scheduling;
    private final BlockingQueue<Outcome> ended = new LinkedBlockingQueue<>();
    private final List<SocketPeer> peers = new ArrayList<>();
    private Consumer<Channel> pipeline = channel -> {};
    private ValueTaskChannelOptions options = ValueTaskChannelOptions.DEFAULTS;
    private SocketAddress address;

    /** How a body has ended. */
    record Outcome(ValueTaskChannel<ByteBuf, ByteBuf> channel, boolean onItsLoop, Throwable failure) {}

    private Served(Transport transport, int loops, BodyScheduling scheduling) {
        this.transport = transport;
        this.scheduling = scheduling;
        group = transport.newGroup(loops);
    }

    /** Skips the test where bodies cannot run there. */
    static Served on(Transport transport, int loops, BodyScheduling scheduling) {
        assumeTrue(scheduling != BodyScheduling.EVENT_LOOP || EventLoopVirtualThreads.isSupported(),
                () -> "event loops carry no threads: " + EventLoopVirtualThreads.whyUnsupported());
        return new Served(transport, loops, scheduling);
    }

    Served pipeline(Consumer<Channel> handlers) {
        pipeline = handlers;
        return this;
    }

    Served options(ValueTaskChannelOptions changed) {
        options = changed;
        return this;
    }

    Served listen(ChannelBody<ByteBuf, ByteBuf> body) throws InterruptedException {
        ChannelHandler first = new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                pipeline.accept(channel);
            }
        };
        ValueTaskChannelInitializer serving = ValueTaskChannelInitializer
                .<ByteBuf, ByteBuf>serve(first, channel -> run(body, channel)).options(options)
                .scheduling(scheduling);
        address = new ServerBootstrap().group(group).channel(transport.serverChannel)
                .option(ChannelOption.SO_BACKLOG, 1024).childHandler(serving)
                .bind(Listening.anyPort()).sync().channel().localAddress();
        return this;
    }

    private void run(ChannelBody<ByteBuf, ByteBuf> body, ValueTaskChannel<ByteBuf, ByteBuf> channel)
            throws Exception {
        boolean onItsLoop = isOnLoopOf(channel);
        Throwable thrown = null;
        try {
            body.run(channel);
        } catch (Throwable failure) {
            thrown = failure;
            throw failure;
        } finally {
            ended.add(new Outcome(channel, onItsLoop, thrown));
        }
    }

    /** The name of a virtual thread ends with that of its carrier. */
    static boolean isOnLoopOf(ValueTaskChannel<?, ?> channel) {
        String thread = Thread.currentThread().toString();
        String carrier = thread.substring(thread.indexOf('@') + 1);
        return ((SingleThreadEventExecutor) channel.channel().eventLoop())
                .threadProperties().name().equals(carrier);
    }

    SocketPeer connect() throws IOException {
        SocketPeer peer = SocketPeer.connect(address, 0);
        peers.add(peer);
        return peer;
    }

    SocketAddress address() {
        return address;
    }

    EventLoopGroup loops() {
        return group;
    }

    /** Of the next body that ends. */
    Outcome awaitEnd() throws InterruptedException {
        Outcome outcome = ended.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(outcome).as("the end of a body").isNotNull();
        return outcome;
    }

    void endLoops() throws InterruptedException {
        group.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(group.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("loops ended").isTrue();
    }

    @Override
    public void close() {
        try {
            for (SocketPeer peer : peers) {
                peer.close();
            }
            endLoops();
        } catch (IOException | InterruptedException failure) {
            throw new AssertionError("the server cannot be taken down", failure);
        }
    }
}
