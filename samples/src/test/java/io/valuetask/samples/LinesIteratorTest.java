package io.valuetask.samples;

import io.valuetask.AsyncIterator;
import io.valuetask.ValueTask;
import io.valuetask.stream.ChannelStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class LinesIteratorTest {
    private static final byte[] LINE_AND_HALF = "one\ntw".getBytes(StandardCharsets.UTF_8);

    @Test
    void moveNext_whenTheMoveBeforeTimedOut_bringsTheLineThatItWaitedFor() throws Exception {
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        try (PlainServer server = new PlainServer(socket -> {
            socket.getOutputStream().write(LINE_AND_HALF);
            goOn.join();
            socket.getOutputStream().write("o\nthree".getBytes(StandardCharsets.UTF_8));
        }); Sample11LinesIterator.Lines lines = lines(server)) {
            AsyncIterator<String> elements = lines.elements();
            assertThat(elements.moveNext().await()).isTrue();
            assertThatThrownBy(() -> elements.moveNext().await(Duration.ofMillis(1)))
                    .isInstanceOf(TimeoutException.class);
            goOn.complete(null);
            assertThat(elements.moveNext().await()).isTrue();
            assertThat(elements.current()).isEqualTo("two");
            assertThat(elements.moveNext().await()).isTrue();
            assertThat(elements.current()).as("the last line, which has no end").isEqualTo("three");
            assertThat(elements.moveNext().await()).isFalse();
        }
    }

    @Test
    void moveNext_whenThePeerResetsTheConnection_failsAndIsNoEnd() throws Exception {
        CompletableFuture<Void> goOn = new CompletableFuture<>();
        try (PlainServer server = new PlainServer(socket -> {
            socket.getOutputStream().write(LINE_AND_HALF);
            goOn.join();
            socket.setSoLinger(true, 0);
        }); Sample11LinesIterator.Lines lines = lines(server)) {
            AsyncIterator<String> elements = lines.elements();
            assertThat(elements.moveNext().await()).isTrue();
            goOn.complete(null);
            assertThatThrownBy(() -> elements.moveNext().await()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void close_whileALineIsWaitedFor_cancelsTheMoveAndEndsConnectionAndThread() throws Exception {
        CompletableFuture<Integer> end = new CompletableFuture<>();
        try (PlainServer server = new PlainServer(socket -> {
            socket.getOutputStream().write(LINE_AND_HALF);
            end.complete(socket.getInputStream().read());
        })) {
            Sample11LinesIterator.Lines lines = lines(server);
            assertThat(lines.elements().moveNext().await()).isTrue();
            ValueTask<Boolean> move = lines.elements().moveNext();
            lines.close();
            assertThatThrownBy(move::await).isInstanceOf(CancellationException.class);
            assertThat(end.get()).isEqualTo(-1);
            lines.join();
        }
    }

    private static Sample11LinesIterator.Lines lines(PlainServer server) throws Exception {
        return new Sample11LinesIterator.Lines(new ChannelStream(server.connect().await()), 80);
    }
}
