package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.ValueTask;
import io.valuetask.netty.Medium.Trait;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ChannelReadTest extends ValueTaskChannelContract {
    private final DecoderException failure = new DecoderException("the frame '!' cannot be decoded");

    private void oneByteFrames(Channel channel) {
        channel.pipeline().addLast(new FixedLengthFrameDecoder(1));
    }

    /** One-byte frames, of which '!' is reported as a failure. */
    private void fallibleFrames(Channel channel) {
        oneByteFrames(channel);
        channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                if (((ByteBuf) message).getByte(0) == '!') {
                    ReferenceCountUtil.release(message);
                    ctx.fireExceptionCaught(failure);
                } else {
                    ctx.fireChannelRead(message);
                }
            }
        });
    }

    @Test
    void read_whenAMessageIsThere_returnsItAtOnce() throws Throwable {
        Loopback loopback = newLoopback().serverPipeline(this::oneByteFrames).connectPeer();
        loopback.send("ab");

        assertThat(read()).isEqualTo("a");
        loopback.awaitServerLoop();

        var second = server().read();
        assertThat(second.isCompletedSuccessfully()).isTrue();
        assertThat(Bytes.text(second.result())).isEqualTo("b");
    }

    @Test
    void read_whenAMessageArrivesLater_returnsIt() throws Throwable {
        Loopback loopback = connectPeer();

        Call<ByteBuf> read = start(server()::read).awaitWaiting();
        assertThat(read.isWaiting()).isTrue();
        loopback.send("later");

        assertThat(Bytes.text(read.result())).isEqualTo("later");
    }

    @Test
    void read_whenThePeerHasFinished_returnsNullEveryTime() throws Throwable {
        requires(Trait.HALVES);
        Loopback loopback = connectPeer();

        Call<ByteBuf> read = start(server()::read).awaitWaiting();
        loopback.peer().finish();

        assertThat(read.result()).isNull();
        assertThat(read()).isNull();
        assertThat(server().read().result()).as("known at once").isNull();
        assertThat(server().channel().isOpen()).as("writing goes on").isTrue();
    }

    @Test
    void read_whenThePeerHasFinishedAfterMessages_returnsThoseFirst() throws Throwable {
        requires(Trait.HALVES);
        Loopback loopback = newLoopback().serverPipeline(this::oneByteFrames).connectPeer();
        loopback.send("abc");
        loopback.peer().finish();

        assertThat(read()).isEqualTo("a");
        assertThat(read()).isEqualTo("b");
        assertThat(read()).isEqualTo("c");
        assertThat(read()).isNull();
    }

    @Test
    void read_whenThePeerHasClosedAfterMessages_returnsThoseFirst() throws Throwable {
        Loopback loopback = newLoopback().serverPipeline(this::oneByteFrames).connectPeer();
        loopback.send("ab");
        loopback.peer().close();

        assertThat(read()).isEqualTo("a");
        assertThat(read()).isEqualTo("b");
        assertThat(read()).isNull();
    }

    @Test
    void read_whenThePeerResets_failsEveryTime() throws Throwable {
        requires(Trait.RESET);
        Loopback loopback = connectPeer();

        Call<ByteBuf> read = start(server()::read).awaitWaiting();
        loopback.reset();

        Throwable reset = read.failure();
        assertThat(reset).isInstanceOf(IOException.class);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(this::read).as("no end").isInstanceOf(IOException.class).hasCause(reset)
                    .hasMessageContaining("broken off");
        }
        assertThat(server().tryRead()).isNull();
    }

    @Test
    void read_whenAHandlerReportsAFailure_failsInItsPlaceAmongTheMessages() throws Throwable {
        Loopback loopback = newLoopback().serverPipeline(this::fallibleFrames).connectPeer();
        loopback.send("a!b!!c");

        assertThat(read()).isEqualTo("a");
        assertThatThrownBy(this::read).isSameAs(failure);
        assertThat(read()).isEqualTo("b");
        assertThatThrownBy(this::read).isSameAs(failure);
        assertThatThrownBy(this::read).isSameAs(failure);
        assertThat(read()).isEqualTo("c");
    }

    @Test
    void read_whenAHandlerReportsAFailureWhileWaiting_failsTheWaiter() throws Throwable {
        Loopback loopback = newLoopback().serverPipeline(this::fallibleFrames).connectPeer();

        Call<ByteBuf> read = start(server()::read).awaitWaiting();
        loopback.send("!");

        assertThat(read.failure()).isSameAs(failure);
    }

    /** The failure is taken out of the queue, as a message is, in the step that consumes the value task. */
    @Test
    void read_whenAHandlerReportsAFailure_isFaultedBeforeItIsConsumed() throws Throwable {
        Loopback loopback = newLoopback().serverPipeline(this::fallibleFrames).connectPeer();
        loopback.send("a!");
        assertThat(read()).isEqualTo("a");
        loopback.awaitServerLoop();

        ValueTask<ByteBuf> failed = server().read();

        assertThat(failed.isFaulted()).isTrue();
        assertThatThrownBy(failed::result).isSameAs(failure);
    }

    @Test
    void read_whenTheChannelIsClosedHereMeanwhile_fails() throws Throwable {
        connectPeer();

        Call<ByteBuf> read = start(server()::read).awaitWaiting();
        server().close();

        assertThat(read.failure()).isInstanceOf(ClosedChannelException.class);
        assertThatThrownBy(this::read).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void read_whenMoreArrivesThanIsReadAhead_returnsAllInOrder() throws Throwable {
        Loopback loopback = newLoopback().serverPipeline(this::oneByteFrames).connectPeer();
        StringBuilder received = new StringBuilder();
        loopback.send("0123456789".repeat(50));

        for (int i = 0; i < 500; i++) {
            received.append(read());
        }

        assertThat(received).hasToString("0123456789".repeat(50));
    }
}
