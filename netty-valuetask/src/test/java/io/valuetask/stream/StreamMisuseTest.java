package io.valuetask.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.BlockingOperationException;
import io.valuetask.IntValueTask;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Each mistake is told to whoever made it, with numbers, and to nobody else. */
@ParameterizedClass
@EnumSource(Transport.class)
class StreamMisuseTest {
    @Parameter
    Transport transport;
    private StreamLoopback loopback;
    private ChannelStream stream;

    @BeforeEach
    void connect() throws Exception {
        loopback = StreamLoopback.connect(transport, 1024);
        stream = loopback.stream();
    }

    @AfterEach
    void disconnect() {
        loopback.close();
    }

    private static void assertMisuse(ThrowingCallable mistake) {
        assertThatThrownBy(mistake).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContainingAll("token=", "current=", "state=");
    }

    @Test
    void read_whileAnotherIsPending_isRefusedAndTheFirstGetsItsBytes() throws Throwable {
        ByteBuf destination = Unpooled.buffer(8);
        BackgroundCall<Integer> first = BackgroundCall
                .start(Kind.VIRTUAL, () -> stream.readExactly(destination, 3).await()).awaitParked();
        loopback.send("a");

        assertMisuse(stream::readByte);
        assertMisuse(() -> stream.read(new byte[1], 0, 1));
        assertMisuse(() -> stream.readExactly(Unpooled.buffer(), 1));
        assertMisuse(() -> stream.readUntil((byte) 0, Unpooled.buffer(), 1));

        loopback.send("bc");
        assertThat(first.result()).isEqualTo(3);
        assertThat(Bytes.text(destination)).isEqualTo("abc");
    }

    @Test
    void read_whileTheLastResultWasNotTaken_isRefused() throws Exception {
        loopback.send("ab");
        assertThat(stream.readByte().await()).isEqualTo('a');
        IntValueTask untaken = stream.readByte();

        assertMisuse(stream::readByte);

        assertThat(untaken.await()).isEqualTo('b');
    }

    @Test
    void await_aSecondTime_isRefusedAndTakesNothing() throws Exception {
        loopback.send("abcd");
        IntValueTask number = stream.readByte();
        assertThat(number.await()).isEqualTo('a');
        IntValueTask exactly = stream.readExactly(Unpooled.buffer(), 1);
        assertThat(exactly.await()).isOne();
        ByteBuf line = Unpooled.buffer();
        IntValueTask next = stream.readUntil((byte) 'c', line, 10);

        assertMisuse(number::await);
        assertMisuse(number::result);
        assertMisuse(exactly::await);
        assertMisuse(exactly::status);

        assertThat(next.await()).isOne();
        assertThat(Bytes.text(line)).isEqualTo("c");
    }

    @Test
    void channelRead_besideTheStream_failsTheReadOfTheStreamAndNoMore() throws Exception {
        ValueTask<ByteBuf> direct = stream.channel().read();

        IntValueTask read = stream.readByte();

        assertThatThrownBy(read::await).isInstanceOf(ValueTaskMisuseException.class);
        loopback.send("x");
        assertThat(Bytes.text(direct.await())).isEqualTo("x");
        loopback.send("y");
        assertThat(stream.readByte().await()).isEqualTo('y');
    }

    @Test
    void await_onTheEventLoop_isRefusedAndTheReadGoesOn() throws Exception {
        IntValueTask read = stream.readByte();
        InputStream input = stream.inputStream();
        OutputStream output = stream.outputStream();

        stream.channel().channel().eventLoop().submit(() -> {
            assertThatThrownBy(read::await).isInstanceOf(BlockingOperationException.class);
            assertMisuse(input::read);
            output.write('w');
            assertThatThrownBy(output::flush).isInstanceOf(BlockingOperationException.class);
            return null;
        }).get(StreamLoopback.LIMIT_SECONDS, TimeUnit.SECONDS);

        loopback.send("x");
        assertThat(read.await()).isEqualTo('x');
        assertThat(loopback.receive(1)).containsExactly('w');
    }
}
