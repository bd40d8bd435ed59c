package io.valuetask.netty;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.DataInputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

class ConcurrentWritesTest {
    private static final int WRITERS = 16;
    private static final int MESSAGES = 1000;

    static Stream<Arguments> everyTransportAndThread() {
        return Transport.available().stream()
                .flatMap(transport -> Arrays.stream(Kind.values()).map(kind -> arguments(transport, kind)));
    }

    @ParameterizedTest
    @MethodSource("everyTransportAndThread")
    void writes_ofManyThreads_arriveOnceEachAndInTheOrderOfTheirThread(Transport transport, Kind kind)
            throws Throwable {
        try (Loopback loopback = Loopback.on(transport).connectSocket()) {
            List<BackgroundCall<Void>> writers = new ArrayList<>();
            for (int writer = 0; writer < WRITERS; writer++) {
                int base = writer << 16;
                writers.add(BackgroundCall.start(kind, () -> {
                    for (int i = 0; i < MESSAGES; i++) {
                        loopback.server().writeAndFlush(Bytes.ofInt(base + i)).await();
                    }
                    return null;
                }));
            }
            int[] next = new int[WRITERS];
            DataInputStream in = new DataInputStream(loopback.socket().getInputStream());
            for (int i = 0; i < WRITERS * MESSAGES; i++) {
                int number = in.readInt();
                assertThat(number & 0xFFFF).isEqualTo(next[number >>> 16]++);
            }
            for (BackgroundCall<Void> writer : writers) {
                assertThat(writer.result()).isNull();
            }
            assertThat(next).containsOnly(MESSAGES);
            Closing.close(loopback.server()).await();
            assertThat(in.read()).as("nothing was sent twice").isEqualTo(-1);
        }
    }
}
