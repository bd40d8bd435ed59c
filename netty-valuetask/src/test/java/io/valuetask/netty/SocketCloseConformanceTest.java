package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.Row;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET tests of sockets and streams that are closed. */
@ParameterizedClass(name = "{0}")
@EnumSource(ConformanceFixture.Wire.class)
class SocketCloseConformanceTest extends ConformanceFixture {
    @Row(72)
    @Test
    void row72_read_atTheEnd_answersNullEveryTime() throws Throwable {
        connect();
        BackgroundCall<ByteBuf> pending = BackgroundCall.start(VIRTUAL, () -> server().read().await())
                .awaitParked();

        Closing.close(client()).await();

        assertThat(pending.result()).isNull();
        assertThat(server().read().await()).isNull();
        assertThat(server().read().result()).isNull();
    }

    @Row(72)
    @Test
    void row72_write_onAClosedConnection_failsAtOnceAndReleases() throws Throwable {
        connect();
        client().channel().config().setOption(ChannelOption.SO_LINGER, 0);
        client().channel().close().sync();
        assertThat(server().closed().await()).isNotEqualTo(new CloseReason.Local());
        ByteBuf message = Bytes.of("late");

        assertThatThrownBy(server().writeAndFlush(message)::await).isInstanceOf(ClosedChannelException.class);

        assertThat(message.refCnt()).isZero();
    }

    @Row(72)
    @Test
    void row72_everything_onAChannelClosedHere_fails() throws Exception {
        connect();
        Closing.close(server()).await();
        ByteBuf written = Bytes.of("late");
        ByteBuf flushed = Bytes.of("late");

        assertThatThrownBy(server().read()::await).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(server().write(written)::await).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(server().writeAndFlush(flushed)::await).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(server().flush()::await).isInstanceOf(ClosedChannelException.class);

        assertThat(written.refCnt()).isZero();
        assertThat(flushed.refCnt()).isZero();
    }

    @Row(73)
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void row73_close_whileAReadIsPending_completesItsWaiterOnce(boolean here) throws Exception {
        connect();
        ValueTask<ByteBuf> read = server().read();
        Resumption waiter = new Resumption();
        assertThat(read.onCompleted(waiter, null)).isTrue();

        Closing.close(here ? server() : client()).await();

        waiter.thread();
        if (here) {
            assertThatThrownBy(read::result).isInstanceOf(ClosedChannelException.class);
        } else {
            assertThat(read.result()).isNull();
        }
        Closing.close(server()).await();
        awaitServerLoop();
        assertThat(waiter.times()).isOne();
    }

    @Row(73)
    @Test
    void row73_close_againstReadAndWrite_endsBothInAWayThatIsAllowed() throws Throwable {
        for (int round = 0; round < 30; round++) {
            connect();
            Resumption reader = new Resumption();
            Resumption writer = new Resumption();
            BackgroundCall<ValueTask<ByteBuf>> read = BackgroundCall.start(PLATFORM,
                    () -> registered(server().read(), reader));
            BackgroundCall<ValueTask<Void>> write = BackgroundCall.start(PLATFORM,
                    () -> registered(server().writeAndFlush(Bytes.of("x")), writer));
            for (int spins = round * 997 % 10_000; spins > 0; spins--) {
                Thread.onSpinWait();
            }

            Closing.close(server()).await();

            reader.thread();
            writer.thread();
            assertThatThrownBy(read.result()::result).isInstanceOf(ClosedChannelException.class);
            try {
                assertThat(write.result().result()).isNull();
            } catch (IOException tooLate) {
                assertThat(tooLate).isInstanceOf(ClosedChannelException.class);
            }
            awaitServerLoop();
            assertThat(reader.times()).isOne();
            assertThat(writer.times()).isOne();
            disconnect();
        }
    }

    /** Registers the continuation, or runs it where the operation is complete. */
    private static <T> ValueTask<T> registered(ValueTask<T> task, Resumption resumption) {
        if (!task.onCompleted(resumption, null)) {
            resumption.accept(null);
        }
        return task;
    }

    @Row(75)
    @Test
    void row75_close_whileAWriteIsInFlight_waitsForIt() throws Exception {
        connect();
        ValueTask<Void> write = writeThatStalls();

        ValueTask<CloseReason> close = Closing.close(server());
        awaitServerLoop();
        assertThat(close.isCompleted()).isFalse();
        assertThat(write.isCompleted()).isFalse();

        assertThat(Streams.readAll(client())).isEqualTo(Bytes.pattern(LARGE));
        assertThat(write.await()).isNull();
        assertThat(close.await()).isEqualTo(new CloseReason.Local());
    }

    @Row(77)
    @Test
    void row77_close_closesTheConnectionAndMayBeRepeated() throws Exception {
        connect();

        assertThat(Closing.close(server()).await()).isEqualTo(new CloseReason.Local());

        assertThat(server().channel().isOpen()).isFalse();
        ValueTask<CloseReason> again = Closing.close(server());
        assertThat(again.isCompletedSuccessfully()).isTrue();
        assertThat(again.result()).isEqualTo(new CloseReason.Local());
        assertThat(client().read().await()).as("the end, as the peer sees it").isNull();
    }
}
