package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.DecoderException;
import io.valuetask.AsyncIterator;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.netty.EndingTable.Ending;
import io.valuetask.netty.EndingTable.Operation;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import static org.assertj.core.api.Assertions.assertThat;

/** A connection on which one operation meets one ending, and every buffer that there ever was on it. */
final class EndingScene implements AutoCloseable {
    /** More than the buffers of both sides take. */
    private static final int STALLS = 512 * 1024;
    private static final Duration LONG = Duration.ofSeconds(Call.LIMIT_SECONDS);
    static final Duration SHORT = Duration.ofMillis(1);

    /** Kept from the log: a failure that no operation reads is reported there. */
    private final Warnings warnings = new Warnings();
    private final DecoderException planted = new DecoderException("planted");
    private final Collection<ByteBuf> buffers = new ConcurrentLinkedQueue<>();
    private final Loopback loopback;
    /** Where a pump sends to; null for the others. */
    private final Loopback sink;
    private final Operation operation;
    private final int queued;
    final CancellationTokenSource canceller = new CancellationTokenSource();

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

    /** With so many messages that wait before the operation. */
    EndingScene(Transport transport, Operation operation, int queued) throws Exception {
        this.operation = operation;
        this.queued = queued;
        loopback = connect(transport);
        sink = operation == Operation.PUMP ? connect(transport) : null;
        if (!operation.isBehindInbound()) {
            stall(loopback, queued);
        } else if (queued > 0) {
            stall(sink, 1);
            loopback.send("x".repeat(queued));
            assertThat(arrived.tryAcquire(queued, Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
            loopback.awaitServerLoop();
        }
    }

    private Loopback connect(Transport transport) throws Exception {
        return Loopback.on(transport, 1).smallBuffers().closeDeadline(Duration.ofMillis(5))
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

    @SuppressWarnings("unchecked")
    ValueTask<Object> start(Ending ending) {
        return (ValueTask<Object>) switch (operation) {
            case READ -> server().read();
            case READ_TOKEN -> server().read(canceller.token());
            case READ_WITHIN -> server().read(ending == Ending.READ_TIMEOUT ? SHORT : LONG);
            case MOVE_NEXT -> (messages = server().messages()).moveNext();
            case PUMP -> ValueTaskChannels.pump(server(), sink.server());
            case CLOSED -> server().closed();
            case WRITE -> server().write(newMessage(1));
            case WRITE_AND_FLUSH -> server().writeAndFlush(newMessage(queued == 0 ? STALLS : 1));
            case WRITE_ALL -> server().writeAll(List.of(newMessage(queued == 0 ? STALLS : 1), newMessage(1)));
            case SEND -> server().send(newMessage(queued == 0 ? STALLS : 1));
            case FLUSH -> server().flush();
            case WRITABLE -> server().writable();
            case SHUTDOWN_OUTPUT -> server().shutdownOutput();
        };
    }

    /** Returns when the operation has reached the event loop. */
    void awaitStarted() throws InterruptedException {
        awaitFlushed(loopback);
    }

    /** Returns when the channel knows. */
    void end(Ending ending) throws Exception {
        switch (ending) {
            case PEER_FIN -> {
                loopback.peer().finish();
                assertThat(finished.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).as("FIN is seen").isTrue();
            }
            case PEER_RST -> {
                loopback.reset();
                server().channel().closeFuture().sync();
            }
            case CLOSE -> server().close();
            case HANDLER_CLOSES -> loopback.onServerLoop(
                    () -> server().channel().pipeline().firstContext().channel().close());
            case REMOVAL -> server().channel().pipeline().remove(ValueTaskHandler.class);
            case EXCEPTION -> server().channel().pipeline().fireExceptionCaught(planted);
            case LOOP_ENDS -> {
                var loop = server().channel().eventLoop();
                loop.parent().shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
                assertThat(loop.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
                return;
            }
            case TOKEN -> canceller.cancel();
            case INTERRUPT, AWAIT_TIMEOUT, READ_TIMEOUT -> {} // of the waiter, or of time
        }
        awaitFlushed(loopback);
    }

    /** The word of the table for a result; what it brings is given up. */
    String outcomeOf(Object result) {
        return switch (result) {
            case null -> operation.isRead() ? "end" : "done";
            case ByteBuf message -> {
                message.release();
                yield "message";
            }
            case Boolean moved -> moved ? outcomeOf(messages.current()) : "end";
            default -> result.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }

    /** The word of the table for a failure; one that it does not know as it is. */
    String outcomeOf(Throwable failure) {
        return switch (failure) {
            case DecoderException reported when reported == planted -> "reported";
            case InterruptedException _ -> "interrupted";
            case TimeoutException _ -> "timeout";
            case SocketTimeoutException _ -> "late";
            case CancellationException _ -> "canceled";
            case ClosedChannelException _ -> "closed";
            case IOException io when String.valueOf(io.getMessage()).contains("was removed") -> "removed";
            case IOException _ -> "io";
            default -> failure.toString();
        };
    }

    /** Closes what is still open; then nothing is left. */
    @Override
    public void close() {
        loopback.close();
        if (sink != null) {
            sink.close();
        }
        warnings.close();
        assertThat(buffers).as("buffers of " + server())
                .allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
        assertThat(server().toString()).contains("travelling=0 bytes");
    }
}
