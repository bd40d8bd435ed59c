package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTask;
import io.valuetask.netty.Medium.Trait;
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
 * What a channel promises, over every medium and to every kind of caller. The tests are in the subclasses, by topic; all
 * of them act as the server, against a peer that they control. A test about what not every medium has says so first.
 */
@ParameterizedClass(name = "{0}, called by {1}")
@MethodSource("everyMediumAndCaller")
abstract class ValueTaskChannelContract {
    @Parameter(0)
    Medium medium;
    @Parameter(1)
    Call.By by;

    private Loopback loopback;

    static List<Arguments> everyMediumAndCaller() {
        return Arrays.stream(Medium.values())
                .flatMap(medium -> Arrays.stream(Call.By.values())
                        .filter(by -> by == Call.By.LOOP || medium.has(Trait.LOOP))
                        .map(by -> arguments(medium, by)))
                .toList();
    }

    /** Skips the test where the medium lacks what it is about. */
    final void requires(Trait trait) {
        medium.requires(trait);
    }

    /** To be configured and connected; closed after the test. */
    final Loopback newLoopback() {
        loopback = Loopback.over(medium);
        return loopback;
    }

    final Loopback connectPeer() throws IOException, InterruptedException {
        return newLoopback().connectPeer();
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
        Call<T> call = by.start(server(), operation);
        loopback.turn();
        return call;
    }

    final <T> T call(Supplier<ValueTask<T>> operation) throws Throwable {
        return start(operation).result();
    }

    /** Reads a message as text. */
    final String read() throws Throwable {
        return Bytes.text(call(server()::read));
    }
}
