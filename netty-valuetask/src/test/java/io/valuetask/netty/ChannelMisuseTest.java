package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.BlockingOperationException;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.testing.BackgroundCall;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Each mistake is told to whoever made it, with numbers, and to nobody else. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class ChannelMisuseTest {
    @Parameter
    Transport transport;
    private Loopback loopback;

    private ValueTaskChannel<ByteBuf, ByteBuf> connect() throws Exception {
        loopback = Loopback.on(transport).connectSocket();
        return loopback.server();
    }

    @AfterEach
    void disconnect() {
        if (loopback != null) {
            loopback.close();
        }
    }

    private static void assertMisuse(ThrowingCallable mistake) {
        assertThatThrownBy(mistake).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContainingAll("token=", "current=", "state=");
    }

    private void assertReadsOn(String text) throws Exception {
        loopback.send(text);
        assertThat(Bytes.text(loopback.server().read().await())).isEqualTo(text);
    }

    @Test
    void await_aSecondTime_isRefused() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        ValueTask<ByteBuf> read = channel.read();
        loopback.send("x");
        assertThat(Bytes.text(read.await())).isEqualTo("x");

        assertMisuse(read::await);
        assertMisuse(read::result);
        assertMisuse(() -> read.await(Duration.ZERO));
        assertMisuse(read::status);
        assertMisuse(() -> read.onCompleted(unused -> {}, null));
        assertReadsOn("y");
    }

    @Test
    void await_whileAnotherThreadAwaits_isRefusedAndTheFirstGetsTheMessage() throws Throwable {
        ValueTask<ByteBuf> read = connect().read();
        BackgroundCall<ByteBuf> first = BackgroundCall.start(VIRTUAL, read::await).awaitParked();

        assertMisuse(read::await);
        assertMisuse(() -> read.onCompleted(unused -> {}, null));
        assertMisuse(read::toCompletableFuture);
        assertThat(BackgroundCall.start(PLATFORM, read::await).failure())
                .isInstanceOf(ValueTaskMisuseException.class);

        loopback.send("x");
        assertThat(Bytes.text(first.result())).isEqualTo("x");
    }

    @Test
    void result_beforeCompletion_isRefusedAndTheReadGoesOn() throws Exception {
        ValueTask<ByteBuf> read = connect().read();

        assertMisuse(read::result);

        loopback.send("x");
        assertThat(Bytes.text(read.await())).isEqualTo("x");
    }

    @Test
    void read_whileAnotherIsPending_isRefusedAndTheFirstGetsTheMessage() throws Throwable {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        BackgroundCall<ByteBuf> first = BackgroundCall.start(PLATFORM, () -> channel.read().await())
                .awaitParked();

        assertMisuse(channel::read);

        loopback.send("x");
        assertThat(Bytes.text(first.result())).isEqualTo("x");
        assertReadsOn("y");
    }

    @Test
    void read_whileTheLastResultWasNotTaken_isRefused() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        ValueTask<ByteBuf> read = channel.read();
        loopback.send("x");
        CompletableFuture<Void> resumed = new CompletableFuture<>();
        if (read.onCompleted(unused -> resumed.complete(null), null)) {
            resumed.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        assertMisuse(channel::read);

        assertThat(Bytes.text(read.result())).isEqualTo("x");
    }

    @Test
    void write_awaitedTwice_isRefusedAndTheNextIsNotHarmed() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        ValueTask<Void> write = channel.writeAndFlush(Bytes.of("x"));
        write.await();
        ValueTask<Void> next = channel.writeAndFlush(Bytes.of("y"));

        assertMisuse(write::await);
        assertMisuse(write::result);

        assertThat(next.await()).isNull();
        assertThat(loopback.receive(2)).isEqualTo("xy".getBytes());
    }

    /** More re-arms than a token of 16 bits, as .NET has it, can tell apart. */
    @Test
    void await_ofAReadSeventyThousandReadsAgo_isRefused() throws Exception {
        ValueTaskHandler<Integer, Object> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(handler);
        ValueTask<Integer> stale = null;
        ValueTask<Integer> from65536 = null;
        for (int i = 0; i < 70_000; i++) {
            ValueTask<Integer> read = handler.channel().read();
            if (i == 0) {
                stale = read;
            } else if (i == 70_000 - 65_536) {
                from65536 = read;
            }
            embedded.writeInbound(i);
            assertThat(read.result()).isEqualTo(i);
        }
        ValueTask<Integer> pending = handler.channel().read();

        assertMisuse(stale::result);
        assertMisuse(stale::await);
        assertMisuse(from65536::result);

        embedded.writeInbound(-1);
        assertThat(pending.result()).isEqualTo(-1);
        embedded.finish();
    }

    @Test
    void await_onTheEventLoop_isRefusedAndTheReadGoesOn() throws Exception {
        ValueTaskChannel<ByteBuf, ByteBuf> channel = connect();
        ValueTask<ByteBuf> read = channel.read();
        CompletableFuture<ByteBuf> received = new CompletableFuture<>();

        channel.channel().eventLoop().submit(() -> {
            assertThatThrownBy(read::await).isInstanceOf(BlockingOperationException.class);
            assertThatThrownBy(() -> read.await(Duration.ofSeconds(1)))
                    .isInstanceOf(BlockingOperationException.class);
            boolean registered = read.onCompleted(task -> {
                try {
                    received.complete(task.result());
                } catch (Throwable failure) {
                    received.completeExceptionally(failure);
                }
            }, read);
            assertThat(registered).isTrue();
        }).sync();
        loopback.send("x");

        assertThat(Bytes.text(received.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS))).isEqualTo("x");
    }
}
