package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import java.nio.charset.StandardCharsets;

/**
 * Asks for {@link PlaintextAnswer#PATH} and wants the same few words each time. Reads as much of HTTP/1.1 as that needs: a status line,
 * {@code content-length}, and so many bytes.
 */
final class HttpConnection extends LoadConnection {
    private static final byte[] REQUEST = ("GET " + PlaintextAnswer.PATH
            + " HTTP/1.1\r\nHost: localhost\r\nUser-Agent: perf\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    private static final byte[] WORDS = PlaintextAnswer.BODY.getBytes(StandardCharsets.US_ASCII);

    private final HttpHead head = new HttpHead();
    private int body = -1; // bytes of it that are missing; negative while the head is read

    HttpConnection(int number, EchoOptions options, EchoTally tally) {
        super(number, options, tally);
    }

    @Override
    ByteBuf request(ChannelHandlerContext context, long request) {
        return context.alloc().directBuffer(REQUEST.length).writeBytes(REQUEST);
    }

    @Override
    void receive(ByteBuf bytes) {
        if (body < 0) {
            String text = head.read(bytes);
            if (text == null) {
                return;
            }
            if (!HttpHead.isOk(text)
                    || !HttpHead.field(text, "content-length").equals(Integer.toString(WORDS.length))) {
                mismatch("answered with: " + text);
                return;
            }
            body = WORDS.length;
        }
        while (body > 0 && bytes.isReadable()) {
            if (bytes.readByte() != WORDS[WORDS.length - body]) {
                mismatch("answered with another text");
                return;
            }
            body--;
        }
        if (body == 0) {
            body = -1;
            replied();
        }
    }
}
