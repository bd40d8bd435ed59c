package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.valuetask.AsyncIterator;
import io.valuetask.ValueTask;
import io.valuetask.netty.EndingTable.Ending;
import io.valuetask.netty.EndingTable.Operation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A connection on which one operation meets one ending, and every buffer that there ever was on it. */
final class ConnectionScene extends EndingScene {
    /** More than the buffers of both sides take. */
    private static final int STALLS = 512 * 1024;
    private static final Duration LONG = Duration.ofSeconds(Call.LIMIT_SECONDS);

    private final Collection<ByteBuf> buffers = new ConcurrentLinkedQueue<>();
    private final Loopback loopback;
    /** Where a pump or a relay sends to; null for the others. */
    private final Loopback sink;
    /** The one of the two that ends. */
    private final Loopback struck;
    /** Of the handler under test, which an upgrade waits for; null for the others. */
    private final EventExecutor executor;
    private final CountDownLatch executorIsHeld = new CountDownLatch(1);

    // What the pipeline has told.
    private final Semaphore arrived = new Semaphore(0);
    private final CountDownLatch finished = new CountDownLatch(1);
    private AsyncIterator<ByteBuf> messages;

    /** Before the handler under test: makes one message of each byte, and listens. */
    private final class Recorder extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            ByteBuf bytes = (ByteBuf) message;
            int count = bytes.readableBytes();
            bytes.release();
            for (int i = 0; i < count; i++) {
                ctx.fireChannelRead(newMessage(1));
            }
            arrived.release(count);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
            ctx.fireUserEventTriggered(event);
            if (event instanceof ChannelInputShutdownEvent) {
                finished.countDown();
            }
        }
    }

    /** Has the channel after a hand-over. */
    private static final class Heir extends SimpleChannelInboundHandler<Object> {
        @Override
        protected void channelRead0(ChannelHandlerContext ctx, Object message) {
            // As much as it wants to know.
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            // Kept from the log.
        }
    }

    /** With so many messages that wait before the operation. */
    ConnectionScene(Transport transport, Operation operation, Ending ending, int queued) throws Exception {
        super(operation, ending, queued);
        executor = operation.isSwitch() ? new DefaultEventExecutor() : null;
        loopback = connect(transport);
        sink = operation.isJoining() ? connect(transport) : null;
        struck = operation.isEndedAtTheSink() ? sink : loopback;
        if (!operation.isBehindInbound()) {
            stall(loopback, queued);
        } else if (operation.isOfEvents()) {
            for (int i = 0; i < queued; i++) {
                server().channel().pipeline().fireUserEventTriggered(newMessage(1));
            }
            loopback.awaitServerLoop();
        } else if (queued > 0) {
            stall(sink, 1);
            loopback.send("x".repeat(queued));
            assertThat(arrived.tryAcquire(queued, Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            loopback.awaitServerLoop();
        }
        if (executor != null) {
            executor.execute(this::holdExecutor); // behind what has arrived
        }
    }

    private void holdExecutor() {
        try {
            executorIsHeld.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private Loopback connect(Transport transport) throws Exception {
        boolean drains = operation == Operation.CLOSE && ending != Ending.OWN_TIMEOUT;
        return Loopback.on(transport, 1).smallBuffers().closeDeadline(drains ? LONG : Duration.ofMillis(5))
                .handlerExecutor(executor)
                .serverPipeline(channel -> channel.pipeline().addLast(new Recorder())).connectSocket();
    }

    /** Not pooled: its count is asked when it is gone, and a pooled one may be somebody else's by then. */
    private ByteBuf newMessage(int length) {
        ByteBuf message = Unpooled.directBuffer(length).writeZero(length);
        buffers.add(message);
        return message;
    }

    private void stall(Loopback writing, int count) throws InterruptedException {
        if (writing == null || count == 0) {
            return;
        }
        writing.server().writeAndFlush(newMessage(STALLS)).discard();
        for (int i = 1; i < count; i++) {
            writing.server().writeAndFlush(newMessage(1)).discard();
        }
        awaitFlushed(writing);
    }

    /** What is posted, and the flush that it posts. */
    private static void awaitFlushed(Loopback writing) throws InterruptedException {
        writing.awaitServerLoop();
        writing.awaitServerLoop();
    }

    ValueTaskChannel<ByteBuf, ByteBuf> server() {
        return loopback.server();
    }

    @Override
    EventLoop loop() {
        return ending().channel().eventLoop();
    }

    private ValueTaskChannel<ByteBuf, ByteBuf> ending() {
        return struck.server();
    }

    @Override
    @SuppressWarnings("unchecked")
    ValueTask<Object> start() {
        return (ValueTask<Object>) switch (operation) {
            case READ -> server().read();
            case READ_TOKEN -> server().read(canceller.token());
            case READ_WITHIN -> server().read(ending == Ending.OWN_TIMEOUT ? SHORT : LONG);
            case MOVE_NEXT -> (messages = server().messages()).moveNext();
            case READ_EVENT -> server().readEvent();
            case READ_EVENT_TOKEN -> server().readEvent(canceller.token());
            case PUMP, PUMP_SINK -> ValueTaskChannels.pump(server(), sink.server());
            case RELAY, RELAY_SINK -> ValueTaskChannels.relay(server(), sink.server());
            case CLOSED -> server().closed();
            case UPGRADE -> server().<ByteBuf, ByteBuf>upgrade(pipeline -> {}, newMessage(1));
            case HAND_OVER -> server().handOver(pipeline -> pipeline.addLast(new Heir()));
            case WRITE -> server().write(newMessage(1));
            case WRITE_IN_TURN -> server().writeInTurn(newMessage(1));
            case WRITE_AND_FLUSH -> server().writeAndFlush(newMessage(queued == 0 ? STALLS : 1));
            case WRITE_ALL -> server().writeAll(List.of(newMessage(queued == 0 ? STALLS : 1), newMessage(1)));
            case SEND -> server().send(newMessage(queued == 0 ? STALLS : 1));
            case SEND_IN_TURN -> server().sendInTurn(newMessage(queued == 0 ? STALLS : 1));
            case FLUSH -> server().flush();
            case WRITABLE -> server().writable();
            case SHUTDOWN_OUTPUT -> server().shutdownOutput();
            case CLOSE -> Closing.close(server());
            default -> throw new IllegalArgumentException("of no connection: " + operation);
        };
    }

    @Override
    void awaitStarted() throws InterruptedException {
        awaitFlushed(loopback);
        if (sink != null) {
            awaitFlushed(sink);
        }
    }

    @Override
    void end() throws Exception {
        bringAbout();
        executorIsHeld.countDown();
        if (ending != Ending.LOOP_ENDS) {
            awaitFlushed(struck);
        }
    }

    private void bringAbout() throws Exception {
        switch (ending) {
            case PEER_FIN -> {
                struck.peer().finish();
                awaitFin();
            }
            case PEER_RST -> {
                struck.reset();
                if (executor == null) {
                    ending().channel().closeFuture().sync();
                } else { // it is the handler under test that closes it
                    assertThat(finished.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("RST is seen")
                            .isTrue();
                }
            }
            case CLOSE -> ending().close();
            case HANDLER_CLOSES -> closeByHandler(ending().channel().pipeline().firstContext());
            case REMOVAL -> ending().channel().pipeline().remove(ValueTaskHandler.class);
            case EXCEPTION -> ending().channel().pipeline().fireExceptionCaught(planted);
            case LOOP_ENDS -> endLoops();
            case TOKEN -> canceller.cancel();
            case INTERRUPT, AWAIT_TIMEOUT, OWN_TIMEOUT -> {} // of the waiter, or of time
        }
    }

    private void awaitFin() throws InterruptedException {
        if (operation == Operation.CLOSE) {
            struck.settleServerLoop(); // which does not read any more, and need not tell
        } else {
            assertThat(finished.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("FIN is seen").isTrue();
        }
    }

    private void closeByHandler(ChannelHandlerContext handler) throws InterruptedException {
        if (executor == null) {
            struck.onServerLoop(handler.channel()::close);
        } else {
            handler.close().sync(); // from its place: that of the handler under test cannot take part
        }
    }

    @Override
    String outcomeOfMove(boolean moved) {
        return moved ? outcomeOf(messages.current()) : "end";
    }

    /** Closes what is still open; then nothing is left. */
    @Override
    public void close() {
        closeElsewhere();
        loopback.close();
        if (sink != null) {
            sink.close();
        }
        if (executor != null) {
            // Not its success: where the loop has ended before, Netty throws as it takes the pipeline down.
            assertThat(executor.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS)
                    .awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
        super.close();
        assertThat(buffers).as("buffers of " + server())
                .allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
        assertThat(server().toString()).contains("travelling=0 bytes");
    }

    /** While the loop and the handler's executor are there to take the pipeline down, each its part. */
    private void closeElsewhere() {
        if (executor == null || loop().isShutdown()) {
            return;
        }
        server().close();
        if (operation == Operation.HAND_OVER) {
            server().channel().close(); // which is nobody else's business any more
        }
        server().channel().closeFuture().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        for (EventExecutor next : List.of(loop(), executor, loop())) {
            next.submit(() -> {}).awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }
}
