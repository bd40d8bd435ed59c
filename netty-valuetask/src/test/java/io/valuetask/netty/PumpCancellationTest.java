package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Pumps that are stopped at any moment: whoever learns of it goes on where they stood. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
@Timeout(60)
class PumpCancellationTest {
    private static final int BYTES = 16 * 1024 * 1024;
    private static final int LONGEST_NANOS = 200_000;

    @Parameter
    Transport transport;

    private Loopback front;
    private Loopback back;

    @AfterEach
    void close() {
        front.close();
        back.close();
    }

    /** What it has taken has been handed on, behind that nothing is: so who reads and sends then keeps the order. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void cancel_amidMessages_losesNoneAndKeepsTheirOrder(boolean slowPeer) throws Throwable {
        front = Loopback.on(transport).connectSocket();
        back = slowPeer
                ? Loopback.on(transport).smallBuffers().connectSocket()
                : Loopback.on(transport).connectSocket();
        byte[] sent = Bytes.pattern(BYTES);
        BackgroundCall<Void> sender = BackgroundCall.start(Kind.PLATFORM, () -> {
            OutputStream out = front.socket().getOutputStream();
            for (int from = 0; from < sent.length; from += 1000) {
                out.write(sent, from, Math.min(1000, sent.length - from));
            }
            front.socket().shutdownOutput();
            return null;
        });
        BackgroundCall<byte[]> receiver = BackgroundCall.start(Kind.PLATFORM, () -> back.receive(BYTES));

        Random random = new Random(42);
        int stopped = 0;
        while (!pumpFor(random.nextInt(LONGEST_NANOS))) {
            stopped++;
            ByteBuf next = front.server().read().await();
            if (next == null) {
                break;
            }
            back.server().send(next).await();
        }
        back.server().flush().await();

        sender.result();
        assertThat(receiver.result()).isEqualTo(sent);
        assertThat(stopped).as("how often it was stopped").isPositive();
    }

    /** True if it has come to the end of the stream. */
    private boolean pumpFor(int nanos) throws IOException, InterruptedException {
        ValueTask<Void> pump = ValueTaskChannels.pump(front.server(), back.server());
        try {
            pump.await(Duration.ofNanos(nanos));
            return true;
        } catch (TimeoutException stopped) {
            return false;
        }
    }
}
