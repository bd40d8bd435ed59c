package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Any chunks are taken that make the answer, in any reads; nothing else is. */
class HttpStreamConnectionTest {
    private static final String HEAD = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final int LENGTH = StreamAnswer.PARTS * StreamAnswer.PART_BYTES;

    private final EchoTally tally = new EchoTally();
    private final CompletableFuture<Long> drained = new CompletableFuture<>();
    private final LoadConnection connection = new HttpStreamConnection(1, new EchoOptions(), tally);
    private final EmbeddedChannel channel = new EmbeddedChannel(connection);

    {
        tally.start(drained);
        connection.start();
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @CsvSource({"1024, 1", "1024, 1000000", "1, 777", "65536, 4096", "1000, 1000000"})
    void receive_anyChunksInAnyReads_countsOneAnswer(int chunk, int read) throws Exception {
        receive(answer(chunk), read);
        tally.stop();
        receive(answer(chunk), read); // the second request was sent when the first was answered

        assertThat(drained.getNow(0L)).isEqualTo(2);
        tally.requireCorrect();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1023, 1024, LENGTH - 1})
    void receive_oneWrongByte_isRefused(int position) {
        byte[] body = body();
        body[position] ^= 1;
        receive(answer(body, 1024), 4096);

        assertRefused("answered with other bytes");
    }

    @ParameterizedTest
    @CsvSource({"'400\r\n', 'sent a chunk of 1024 bytes where 0 are missing'",
        "'0\r\nleft: over\r\n', \"sent 'left: over' where a line had to be empty\""})
    void receive_moreThanTheAnswer_isRefused(String more, String complaint) {
        byte[] whole = answer(1024);
        byte[] unended = new byte[whole.length - "0\r\n\r\n".length()];
        System.arraycopy(whole, 0, unended, 0, unended.length);
        receive(unended, 4096);
        receive(more.getBytes(StandardCharsets.US_ASCII), 4096);

        assertRefused(complaint.replace("\"", ""));
    }

    @ParameterizedTest
    @CsvSource({"'0\r\n', 'sent a chunk of 0 bytes where 65536 are missing'",
        "'-1\r\n', 'sent a chunk of -1 bytes'", "'pigeon\r\n', 'sent a chunk of'",
        "'0000000000000000000000000000000000', 'sent no chunk, but: 0000'"})
    void receive_noChunk_isRefused(String chunk, String complaint) {
        receive((HEAD + chunk).getBytes(StandardCharsets.US_ASCII), 4096);

        assertRefused(complaint);
    }

    @Test
    void receive_anotherHead_isRefused() {
        receive("HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n".getBytes(StandardCharsets.US_ASCII), 4096);

        assertRefused("answered with: HTTP/1.1 200 OK");
    }

    private void assertRefused(String complaint) {
        assertThatThrownBy(tally::requireCorrect).isInstanceOf(EchoFailure.class)
                .hasMessageStartingWith("1 replies differed").hasMessageContaining(complaint);
        assertThat(channel.isOpen()).isFalse();
    }

    private void receive(byte[] bytes, int read) {
        ByteBuf all = Unpooled.wrappedBuffer(bytes);
        while (all.isReadable() && channel.isOpen()) {
            channel.writeInbound(all.readRetainedSlice(Math.min(read, all.readableBytes())));
        }
        all.release();
    }

    private static byte[] answer(int chunk) {
        return answer(body(), chunk);
    }

    private static byte[] answer(byte[] body, int chunk) {
        ByteArrayOutputStream answer = new ByteArrayOutputStream();
        answer.writeBytes(HEAD.getBytes(StandardCharsets.US_ASCII));
        for (int from = 0; from < body.length; from += chunk) {
            int size = Math.min(chunk, body.length - from);
            answer.writeBytes((Integer.toHexString(size) + "\r\n").getBytes(StandardCharsets.US_ASCII));
            answer.write(body, from, size);
            answer.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        answer.writeBytes("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        return answer.toByteArray();
    }

    private static byte[] body() {
        byte[] body = new byte[LENGTH];
        for (int i = 0; i < body.length; i++) {
            body[i] = (byte) ('a' + i / StreamAnswer.PART_BYTES % 26);
        }
        return body;
    }
}
