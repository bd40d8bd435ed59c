package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * What a channel promises, over every transport and to every kind of caller. The tests are in the subclasses, by
 * topic; all of them act as the server, against a plain socket.
 */
@ParameterizedClass(name = "{0}, called by {1}")
@MethodSource("everyTransportAndCaller")
abstract class ValueTaskChannelContract {
    @Parameter(0)
    Transport transport;
    @Parameter(1)
    Call.By by;

    private Loopback loopback;

    static List<Arguments> everyTransportAndCaller() {
        return Arrays.stream(Transport.values())
                .flatMap(transport -> Arrays.stream(Call.By.values()).map(by -> arguments(transport, by)))
                .toList();
    }

    /** To be configured and connected; closed after the test. */
    final Loopback newLoopback() {
        loopback = Loopback.on(transport);
        return loopback;
    }

    final Loopback connectSocket() throws IOException, InterruptedException {
        return newLoopback().connectSocket();
    }

    @AfterEach
    void closeLoopback() {
        if (loopback != null) {
            loopback.close();
        }
    }

    final ValueTaskChannel<ByteBuf, ByteBuf> server() {
        return loopback.server();
    }

    final <T> Call<T> start(Supplier<ValueTask<T>> operation) {
        return by.start(server(), operation);
    }

    final <T> T call(Supplier<ValueTask<T>> operation) throws Throwable {
        return by.call(server(), operation);
    }

    /** Reads a message as text. */
    final String read() throws Throwable {
        return Bytes.text(call(server()::read));
    }
}
