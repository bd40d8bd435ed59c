package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.valuetask.ValueTask;
import io.valuetask.netty.EndingTable.Ending;
import io.valuetask.netty.EndingTable.Operation;
import java.io.IOException;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A server channel, or a channel that is being connected, and every channel that there ever was. */
final class OpeningScene extends EndingScene {
    private final Listening listening = new Listening();
    private final EventLoopGroup loops;
    private final Transport transport;
    /** Neither accepts nor refuses; null for an accept. */
    private final FullBacklog nowhere;
    private final List<Socket> peers = new ArrayList<>();

    // What the pipelines have told.
    private final BlockingQueue<Channel> opened = new LinkedBlockingQueue<>();
    private final Semaphore finished = new Semaphore(0);
    private final List<Channel> channels = new ArrayList<>();

    /** First in the pipeline of each channel that is opened. */
    private final class Recorder extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            opened.add(channel);
            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                @Override
                public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                    ctx.fireUserEventTriggered(event);
                    if (event instanceof ChannelInputShutdownEvent) {
                        finished.release();
                    }
                }
            });
        }
    }

    OpeningScene(Transport transport, Operation operation, int queued) throws Exception {
        super(operation, queued);
        this.transport = transport;
        nowhere = operation == Operation.CONNECT ? FullBacklog.shared() : null;
        loops = listening.group(transport.newGroup(1));
        if (operation == Operation.ACCEPT) {
            listening.bind(new ServerBootstrap().group(loops).channel(transport.serverChannel)
                    .childHandler(new Recorder()));
            for (int i = 0; i < queued; i++) {
                peers.add(listening.connect());
                channels.add(nextOpened());
            }
            listening.awaitQueued(queued);
        }
    }

    private Channel nextOpened() throws InterruptedException {
        Channel channel = opened.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(channel).as("the channel that is opened").isNotNull();
        return channel;
    }

    @Override
    EventLoop loop() {
        return (EventLoop) loops.iterator().next();
    }

    @Override
    @SuppressWarnings("unchecked")
    ValueTask<Object> start(Ending ending) {
        return (ValueTask<Object>) (ValueTask<?>) (operation == Operation.ACCEPT
                ? listening.server().accept()
                : ValueTaskChannels.<ByteBuf, ByteBuf>connect(new Bootstrap().group(loops)
                        .channel(transport.clientChannel).handler(new Recorder()), nowhere.address()));
    }

    @Override
    void awaitStarted() throws InterruptedException {
        if (operation == Operation.CONNECT) {
            channels.add(nextOpened());
        }
        awaitLoop();
    }

    /** What is posted, and what that posts. */
    private void awaitLoop() throws InterruptedException {
        loop().submit(() -> {}).sync();
        loop().submit(() -> {}).sync();
    }

    /** The one that the ending is of. */
    private Channel ending() {
        return operation == Operation.ACCEPT ? listening.server().channel() : channels.getFirst();
    }

    private ChannelHandler removed() {
        ChannelPipeline pipeline = ending().pipeline();
        return operation == Operation.ACCEPT
                ? pipeline.get(AcceptHandler.class)
                : pipeline.get(ValueTaskHandler.class);
    }

    @Override
    void end(Ending ending) throws Exception {
        switch (ending) {
            case PEER_FIN -> {
                for (Socket peer : peers) {
                    peer.shutdownOutput();
                }
                assertThat(finished.tryAcquire(queued, Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            }
            case PEER_RST -> {
                for (Socket peer : peers) {
                    peer.setSoLinger(true, 0);
                    peer.close();
                }
                for (Channel channel : channels) {
                    channel.closeFuture().sync();
                }
            }
            case CLOSE -> {
                listening.server().close();
                ending().closeFuture().sync(); // which comes later where an accept is to be taken back
            }
            case HANDLER_CLOSES -> ending().pipeline().firstContext().close().sync();
            case REMOVAL -> {
                Channel channel = ending();
                channel.pipeline().remove(removed());
                if (operation == Operation.ACCEPT) {
                    channel.closeFuture().sync();
                }
            }
            case EXCEPTION -> ending().pipeline().fireExceptionCaught(planted);
            case LOOP_ENDS -> {
                endLoops();
                return;
            }
            case TOKEN -> canceller.cancel();
            case INTERRUPT, AWAIT_TIMEOUT, READ_TIMEOUT -> {} // of the waiter, or of time
        }
        awaitLoop();
    }

    /** What was opened and nobody has taken is closed by then. */
    @Override
    public void close() {
        if (operation == Operation.CONNECT) {
            channels.forEach(Channel::close);
        }
        try {
            listening.close();
        } catch (IOException failure) {
            throw new AssertionError("the sockets cannot be closed", failure);
        }
        super.close();
        channels.addAll(opened);
        assertThat(channels).allSatisfy(channel -> assertThat(channel.isOpen()).isFalse());
    }
}
