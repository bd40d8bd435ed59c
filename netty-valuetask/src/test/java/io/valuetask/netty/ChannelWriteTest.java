package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.EncoderException;
import io.netty.handler.codec.MessageToByteEncoder;
import io.valuetask.ValueTask;
import io.valuetask.netty.Medium.Trait;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ChannelWriteTest extends ValueTaskChannelContract {
    private static final int LARGE = 4 * 1024 * 1024;

    /** Refuses '!'. */
    private static final class FallibleEncoder extends MessageToByteEncoder<ByteBuf> {
        @Override
        protected void encode(ChannelHandlerContext ctx, ByteBuf message, ByteBuf out) {
            if (message.getByte(message.readerIndex()) == '!') {
                throw new EncoderException("'!' cannot be encoded");
            }
            out.writeBytes(message);
        }
    }

    @Test
    void writeAndFlush_whenThereIsRoom_completesAndThePeerGetsIt() throws Throwable {
        Loopback loopback = connectPeer();
        ByteBuf message = Bytes.of("hello");

        assertThat(call(() -> server().writeAndFlush(message))).isNull();

        assertThat(loopback.receive(5)).isEqualTo("hello".getBytes());
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void write_beforeAFlush_doesNotComplete() throws Throwable {
        Loopback loopback = connectPeer();

        Call<Void> write = start(() -> server().write(Bytes.of("unflushed"))).awaitWaiting();
        loopback.awaitServerLoop();
        assertThat(write.isWaiting()).isTrue();
        call(server()::flush);

        assertThat(write.result()).isNull();
        assertThat(loopback.receive(9)).isEqualTo("unflushed".getBytes());
    }

    @Test
    void flush_whenNothingWasWritten_completes() throws Throwable {
        connectPeer();

        assertThat(call(server()::flush)).isNull();
        assertThat(call(server()::flush)).isNull();
    }

    @Test
    void flush_whenEverythingHasLeftAlready_completes() throws Throwable {
        connectPeer();
        call(() -> server().writeAndFlush(Bytes.of("x")));

        assertThat(call(server()::flush)).isNull();
    }

    @Test
    void flush_whenThePeerDoesNotRead_completesWhenTheEarlierWritesHaveLeft() throws Throwable {
        requires(Trait.STALL);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        byte[] large = Bytes.pattern(LARGE);

        Call<Void> write = start(() -> server().write(Bytes.of(large))).awaitWaiting();
        Call<Void> flush = start(server()::flush).awaitWaiting();
        Call<Void> second = start(server()::flush).awaitWaiting();
        loopback.awaitServerLoop();
        assertThat(write.isWaiting()).isTrue();
        assertThat(flush.isWaiting()).isTrue();
        assertThat(second.isWaiting()).isTrue();

        assertThat(loopback.receive(LARGE)).isEqualTo(large);
        assertThat(write.result()).isNull();
        assertThat(flush.result()).isNull();
        assertThat(second.result()).isNull();
    }

    @Test
    void flush_whenAWriteSinceTheLastFlushFailed_failsWithItsCause() throws Throwable {
        newLoopback().serverPipeline(channel -> channel.pipeline().addLast(new FallibleEncoder()))
                .connectPeer();
        ByteBuf refused = Bytes.of("!");

        Call<Void> write = start(() -> server().write(refused));
        Throwable failure = write.failure();
        assertThat(failure).isInstanceOf(EncoderException.class);
        assertThat(refused.refCnt()).isZero();
        assertThatThrownBy(() -> call(server()::flush)).isSameAs(failure);

        assertThat(call(server()::flush)).as("reported once").isNull();
        assertThat(call(() -> server().writeAndFlush(Bytes.of("ok")))).as("goes on").isNull();
    }

    @Test
    void flush_whenAWriteAndFlushFailed_doesNotReportItAgain() throws Throwable {
        newLoopback().serverPipeline(channel -> channel.pipeline().addLast(new FallibleEncoder()))
                .connectPeer();

        assertThatThrownBy(() -> call(() -> server().writeAndFlush(Bytes.of("!"))))
                .isInstanceOf(EncoderException.class);

        assertThat(call(server()::flush)).isNull();
    }

    @Test
    void write_afterClose_failsAndReleases() throws Throwable {
        connectPeer();
        call(() -> Closing.close(server()));
        ByteBuf written = Bytes.of("late");
        ByteBuf flushed = Bytes.of("late");

        assertThatThrownBy(() -> call(() -> server().write(written)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> call(() -> server().writeAndFlush(flushed)))
                .isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(() -> call(server()::flush)).isInstanceOf(ClosedChannelException.class);
        assertThat(written.refCnt()).isZero();
        assertThat(flushed.refCnt()).isZero();
    }

    @Test
    void write_ofNull_isRefusedAndHarmsNothing() throws Throwable {
        connectPeer();

        assertThatThrownBy(() -> call(() -> server().write(null))).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> call(() -> server().writeAndFlush(null)))
                .isInstanceOf(NullPointerException.class);

        assertThat(call(() -> server().writeAndFlush(Bytes.of("ok")))).isNull();
    }

    @Test
    void write_afterThePeerHasFinished_reachesIt() throws Throwable {
        requires(Trait.HALVES);
        Loopback loopback = connectPeer();
        byte[] large = Bytes.pattern(1024 * 1024);
        loopback.peer().finish();
        assertThat(read()).isNull();

        Call<Void> write = start(() -> server().writeAndFlush(Bytes.of(large)));

        assertThat(loopback.receive(large.length)).isEqualTo(large);
        assertThat(write.result()).isNull();
    }

    @Test
    void write_thatIsPendingWhenThePeerResets_fails() throws Throwable {
        requires(Trait.STALL);
        requires(Trait.RESET);
        Loopback loopback = newLoopback().smallBuffers().connectPeer();
        ByteBuf message = Bytes.of(Bytes.pattern(LARGE));

        Call<Void> write = start(() -> server().writeAndFlush(message)).awaitWaiting();
        Call<Void> flush = start(server()::flush).awaitWaiting();
        loopback.reset();

        assertThat(write.failure()).isInstanceOf(IOException.class);
        flush.failure(); // what it says is the write's business; here it counts that it ends
        assertThat(message.refCnt()).isZero();
    }

    @Test
    void write_tenThousandTimes_keepsTheOrder() throws Throwable {
        Loopback loopback = connectPeer();

        Call<Void> writer = start(this::writeTenThousand);

        ByteBuf received = Bytes.of(loopback.receive(10_000 * Integer.BYTES));
        for (int i = 0; i < 10_000; i++) {
            assertThat(received.readInt()).isEqualTo(i);
        }
        received.release();
        assertThat(writer.result()).isNull();
    }

    /** Awaits nothing, so most of these writes find no free operation in the ring. */
    private ValueTask<Void> writeTenThousand() {
        for (int i = 0; i < 10_000; i++) {
            server().write(Bytes.ofInt(i));
            if (i % 100 == 99) {
                server().flush();
            }
        }
        return ValueTask.completed();
    }

    @Test
    void write_afterTheLoopHasEnded_failsAndReleases() throws Throwable {
        requires(Trait.LOOP);
        connectPeer();
        var loop = server().channel().eventLoop();
        // With no quiet period at all, Netty's loop may end without having closed its channels.
        loop.parent().shutdownGracefully(50, Call.LIMIT_SECONDS * 1000, TimeUnit.MILLISECONDS);
        assertThat(loop.awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        ByteBuf message = Bytes.of("late");

        // The loop cannot call anybody any more, so this thread asks.
        var write = server().writeAndFlush(message);
        var flush = server().flush();

        assertThatThrownBy(write::result).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(flush::result).isInstanceOf(ClosedChannelException.class);
        assertThat(message.refCnt()).isZero();
        assertThatThrownBy(server().read()::result).as("the peer had not finished")
                .isInstanceOf(ClosedChannelException.class);
        assertThat(Closing.close(server()).await()).isEqualTo(new CloseReason.Local());
    }
}
