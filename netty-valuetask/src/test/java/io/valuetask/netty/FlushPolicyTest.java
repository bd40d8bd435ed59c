package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.valuetask.ValueTask;
import io.valuetask.netty.Medium.Trait;
import io.valuetask.testing.BackgroundCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** When messages leave, whoever writes them. The peer sees bytes; that of flushes, the handler before ours. */
class FlushPolicyTest extends ValueTaskChannelContract {
    private static final int BURST = 10;
    private static final byte[] RECEIVED = "0123456789".getBytes();

    private final FlushCounter counter = new FlushCounter();
    private final List<ValueTask<Void>> written = new ArrayList<>();

    private Loopback connect(FlushPolicy policy) throws Exception {
        return newLoopback().options(ValueTaskChannelOptions.DEFAULTS.flushPolicy(policy))
                .serverPipeline(channel -> channel.pipeline().addLast(counter)).connectPeer();
    }

    /** All in one turn of the loop: in one task of it, or as tasks that wait for it together. */
    private void writeBurst(Loopback loopback) throws Throwable {
        Runnable burst = () -> {
            for (int i = 0; i < BURST; i++) {
                written.add(server().writeAndFlush(Bytes.of("" + i)));
            }
        };
        if (by == Call.By.LOOP) {
            loopback.onServerLoop(burst);
        } else if (by.isOnTheLoop()) {
            run(burst);
        } else {
            try (Loopback.Stall _ = loopback.stallServerLoop()) {
                run(burst);
            }
        }
        // What the burst has posted, and what that has posted.
        loopback.awaitServerLoop();
        loopback.awaitServerLoop();
    }

    private void run(Runnable burst) throws Throwable {
        by.run(server(), Executors.callable(burst)).result();
    }

    private void assertWritten() throws Exception {
        for (ValueTask<Void> write : written) {
            assertThat(write.await()).isNull();
        }
    }

    @Test
    void burst_whenThePolicyIsNow_isFlushedMessageByMessage() throws Throwable {
        Loopback loopback = connect(FlushPolicy.NOW);
        writeBurst(loopback);

        assertThat(counter.flushes()).isEqualTo(BURST);
        assertWritten();
        assertThat(loopback.receive(BURST)).isEqualTo(RECEIVED);
    }

    @Test
    void burst_whenThePolicyIsEndOfTurn_isFlushedOnce() throws Throwable {
        requires(Trait.LOOP);
        Loopback loopback = connect(FlushPolicy.END_OF_TURN);
        writeBurst(loopback);

        assertThat(counter.flushes()).isOne();
        assertWritten();
        assertThat(loopback.receive(BURST)).isEqualTo(RECEIVED);
    }

    @Test
    void burst_whenThePolicyIsAfterBytes_isFlushedAtTheMarkAndAtTheEndOfTheTurn() throws Throwable {
        requires(Trait.LOOP);
        Loopback loopback = connect(FlushPolicy.afterBytes(4));
        writeBurst(loopback);

        assertThat(counter.flushes()).as("after 4 and 8, and the rest").isEqualTo(3);
        assertWritten();
        assertThat(loopback.receive(BURST)).isEqualTo(RECEIVED);
    }

    @Test
    void burst_whenThePolicyIsExplicit_isFlushedByFlushOnly() throws Throwable {
        Loopback loopback = connect(FlushPolicy.EXPLICIT);
        writeBurst(loopback);
        assertThat(counter.flushes()).isZero();
        assertThat(written).noneMatch(ValueTask::isCompleted);

        assertThat(call(server()::flush)).isNull();

        assertThat(counter.flushes()).isOne();
        assertWritten();
        assertThat(loopback.receive(BURST)).isEqualTo(RECEIVED);
    }

    @Test
    void burst_whenThePolicyIsExplicit_isFlushedByClose() throws Throwable {
        Loopback loopback = connect(FlushPolicy.EXPLICIT);
        writeBurst(loopback);

        server().close();

        assertThat(loopback.receive(BURST)).isEqualTo(RECEIVED);
        assertThat(loopback.peer().receiveAll()).isEmpty();
        assertWritten();
    }

    @Test
    void oneMessage_whenThePolicyIsEndOfTurn_isFlushedWithoutAnythingElse() throws Throwable {
        Loopback loopback = connect(FlushPolicy.END_OF_TURN);

        assertThat(call(() -> server().writeAndFlush(Bytes.of("x")))).isNull();

        assertThat(counter.flushes()).isOne();
        assertThat(loopback.receive(1)).isEqualTo("x".getBytes());
    }

    @Test
    void answers_toOneBatchOfReads_areFlushedOnce() throws Throwable {
        Loopback loopback = newLoopback()
                .serverPipeline(
                        channel -> channel.pipeline().addLast(counter, new FixedLengthFrameDecoder(1)))
                .connectPeer();
        CompletableFuture<Void> ended = new CompletableFuture<>();
        loopback.onServerLoop(() -> echo(ended));

        loopback.send("01234567");

        assertThat(loopback.receive(8)).isEqualTo("01234567".getBytes());
        assertThat(counter.flushes()).isOne();
        loopback.peer().close();
        ended.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    /** On the loop: what is there at once, and the rest when it comes. */
    private void echo(CompletableFuture<Void> ended) {
        try {
            for (;;) {
                ValueTask<ByteBuf> read = server().read();
                if (read.onCompleted(unused -> answer(read, ended), null)) {
                    return;
                }
                if (!answered(read)) {
                    ended.complete(null);
                    return;
                }
            }
        } catch (Exception failure) {
            ended.completeExceptionally(failure);
        }
    }

    private void answer(ValueTask<ByteBuf> read, CompletableFuture<Void> ended) {
        try {
            if (answered(read)) {
                echo(ended);
            } else {
                ended.complete(null);
            }
        } catch (Exception failure) {
            ended.completeExceptionally(failure);
        }
    }

    private boolean answered(ValueTask<ByteBuf> read) throws Exception {
        ByteBuf message = read.result();
        if (message == null) {
            return false;
        }
        server().send(message).discard();
        return true;
    }

    @Test
    void writes_alternatelyFromAThreadAndTheLoop_keepTheirOrder() throws Throwable {
        requires(Trait.LOOP);
        Loopback loopback = connect(FlushPolicy.afterBytes(16));
        EventLoop loop = server().channel().eventLoop();
        int count = 1000;

        BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
            for (int i = 0; i < count; i++) {
                ByteBuf message = Bytes.ofInt(i);
                if (i % 3 == 0) {
                    loop.execute(() -> server().writeAndFlush(message));
                } else if (i % 3 == 1) {
                    server().send(message).discard();
                } else {
                    server().write(message);
                }
            }
            server().flush().await();
            return null;
        }).result();

        ByteBuf received = Bytes.of(loopback.receive(count * Integer.BYTES));
        for (int i = 0; i < count; i++) {
            assertThat(received.readInt()).isEqualTo(i);
        }
        received.release();
    }

    @Test
    void answer_whenAHandlerForgetsReadComplete_isFlushedAllTheSame() throws Exception {
        ValueTaskHandler<String, String> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelReadComplete(ChannelHandlerContext ctx) {}
        }, handler);
        ValueTask<String> read = handler.channel().read();
        List<ValueTask<Void>> answers = new ArrayList<>();
        read.onCompleted(unused -> answers.add(handler.channel().writeAndFlush("answer")), null);

        embedded.writeInbound("question");
        embedded.runPendingTasks();

        assertThat(read.result()).isEqualTo("question");
        assertThat(embedded.<String>readOutbound()).isEqualTo("answer");
        assertThat(answers.get(0).result()).isNull();
        embedded.finishAndReleaseAll();
    }

    @Test
    void afterBytes_ofNoneOrLess_isRefused() {
        assertThatThrownBy(() -> FlushPolicy.afterBytes(0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("bytes: 0 (expected: > 0)");
        assertThat(FlushPolicy.afterBytes(7)).hasToString("AFTER_7_BYTES");
    }
}
