package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.valuetask.ValueTask;
import io.valuetask.netty.EndingTable.Ending;
import io.valuetask.netty.EndingTable.Operation;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A server channel, or a channel that is being connected or bound, and every channel that there ever was. */
final class OpeningScene extends EndingScene {
    private final Listening listening = new Listening();
    private final EventLoopGroup loops;
    private final Transport transport;
    /** Neither accepts nor refuses; null where nothing connects to it. */
    private final FullBacklog nowhere;
    private final HeldBind held = new HeldBind();
    private final List<Socket> peers = new ArrayList<>();

    // What the pipelines have told.
    private final BlockingQueue<Channel> opened = new LinkedBlockingQueue<>();
    private final Semaphore finished = new Semaphore(0);
    private final List<Channel> channels = new ArrayList<>();

    /** Of a server channel: keeps what it is to do to itself until it is told. On the loop, but for the latch. */
    private static final class HeldBind extends ChannelOutboundHandlerAdapter {
        final CountDownLatch asked = new CountDownLatch(1);
        private Callable<ChannelFuture> bind;

        @Override
        public void bind(ChannelHandlerContext ctx, SocketAddress local, ChannelPromise promise) {
            bind = () -> ctx.bind(local, promise);
            asked.countDown();
        }

        ChannelFuture letGo() throws Exception {
            return bind.call();
        }
    }

    /** First in the pipeline of each channel that is opened. */
    private final class Recorder extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            opened.add(channel);
            if (operation == Operation.BIND) {
                channel.pipeline().addLast(held);
            }
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

    OpeningScene(Transport transport, Operation operation, Ending ending, int queued) throws Exception {
        super(operation, ending, queued);
        this.transport = transport;
        nowhere = operation == Operation.CONNECT ? FullBacklog.shared() : null;
        loops = listening.group(transport.newGroup(1));
        if (operation.isOfServer()) {
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
    ValueTask<Object> start() {
        ValueTask<?> started = switch (operation) {
            case ACCEPT -> listening.server().accept();
            case ACCEPT_TOKEN -> listening.server().accept(canceller.token());
            case SERVER_CLOSED -> listening.server().closed();
            case CONNECT -> ValueTaskChannels.<ByteBuf, ByteBuf>connect(new Bootstrap().group(loops)
                    .channel(transport.clientChannel).handler(new Recorder()), nowhere.address());
            case BIND -> ValueTaskServerChannel.<ByteBuf, ByteBuf>bind(new ServerBootstrap().group(loops)
                    .channel(transport.serverChannel).handler(new Recorder()), Listening.anyPort());
            default -> throw new IllegalArgumentException("of a connection: " + operation);
        };
        return (ValueTask<Object>) started;
    }

    @Override
    void awaitStarted() throws InterruptedException {
        if (operation.isOpening()) {
            channels.add(nextOpened());
        }
        if (operation == Operation.BIND) {
            assertThat(held.asked.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("it is held").isTrue();
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
        return operation.isOfServer() ? listening.server().channel() : channels.getFirst();
    }

    private ChannelHandler removed() {
        ChannelPipeline pipeline = ending().pipeline();
        return operation == Operation.CONNECT
                ? pipeline.get(ValueTaskHandler.class)
                : pipeline.get(AcceptHandler.class);
    }

    @Override
    void end() throws Exception {
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
                if (operation != Operation.CONNECT) { // which goes on
                    channel.closeFuture().sync();
                }
            }
            case EXCEPTION -> ending().pipeline().fireExceptionCaught(planted);
            case LOOP_ENDS -> {
                endLoops();
                return;
            }
            case TOKEN -> canceller.cancel();
            case INTERRUPT, AWAIT_TIMEOUT, OWN_TIMEOUT -> {} // of the waiter, or of time
        }
        awaitLoop();
    }

    /** What was opened and nobody has taken is closed by then. */
    @Override
    public void close() {
        if (operation.isOpening()) {
            closeOpening();
        } else if (endsServer()) {
            channels.forEach(OpeningScene::awaitClosed); // and not by the end of their loops, which comes next
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

    /** Who waits to be accepted is nobody's then. */
    private boolean endsServer() {
        return ending == Ending.CLOSE || ending == Ending.HANDLER_CLOSES || ending == Ending.REMOVAL;
    }

    /** By the operation itself where that has ended, so that a bind which comes afterwards opens nothing. */
    private void closeOpening() {
        Channel channel = ending();
        if (!goesOn()) {
            awaitClosed(channel);
        }
        if (operation == Operation.BIND && !loop().isShutdown()) {
            ChannelFuture bound = loop().submit(held::letGo).syncUninterruptibly().getNow();
            assertThat(bound.awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(bound.isSuccess()).as("bound").isEqualTo(goesOn());
        }
        channel.close();
        awaitClosed(channel);
    }

    private static void awaitClosed(Channel channel) {
        assertThat(channel.closeFuture().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                .as("closed: " + channel).isTrue();
    }
}
