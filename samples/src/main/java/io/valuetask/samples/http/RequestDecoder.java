package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpConstants;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import java.util.List;

/**
 * Netty's decoder, without what it forgives: a header that goes on in the next line, and a request line with more than
 * single spaces, which another server in front of this one may read otherwise. Counts the headers of which one is allowed,
 * as Netty merges two lengths in HTTP/1.0.
 *
 * <p>Makes a {@link RequestHead}, then the parts of the body if there is one. Says {@link #HEAD_BEGUN} when a head has
 * begun to arrive and is not complete, which is when a slow sender's time begins.
 */
final class RequestDecoder extends HttpRequestDecoder {
    /** Comes at most once before a request. */
    static final Object HEAD_BEGUN = new Object() {
        @Override
        public String toString() {
            return "HEAD_BEGUN";
        }
    };

    /** What one read of the socket may bring; more of them are not worth their memory. */
    private static final int MOST_HEADS_AT_ONCE = 512;
    /** Of "HTTP/1.1", and the spaces before it and behind the method. */
    private static final int REST_OF_LINE = 10;

    private RequestHead head;
    private int hosts;
    private int contentLengths;
    private boolean inBody;
    private boolean lineSeen;
    private boolean lenient;
    private boolean announced;
    private boolean refused;
    private int headsAtOnce;

    RequestDecoder(HttpSettings settings) {
        super(new HttpDecoderConfig().setMaxInitialLineLength(settings.maxLine)
                .setMaxHeaderSize(settings.maxHeaders).setMaxChunkSize(64 * 1024));
    }

    @Override
    protected HttpMessage createMessage(String[] line) {
        head = new RequestHead(HttpVersion.valueOf(line[2]), HttpMethod.valueOf(line[0]), line[1],
                headersFactory.newHeaders());
        return head;
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        AsciiString name = super.splitHeaderName(line, start, length);
        if (length == 4 && HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)) {
            hosts++;
        } else if (length == 14 && HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)) {
            contentLengths++;
        }
        return name;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        if (refused) {
            in.skipBytes(in.readableBytes()); // the connection is being closed
            return;
        }
        int from = in.readerIndex();
        super.decode(context, in, out);
        if (inBody) {
            decodedBody(out);
        } else if (out.isEmpty()) {
            lookAtLines(in, from);
            if (!announced && (lineSeen || in.isReadable())) {
                announced = true;
                context.fireChannelRead(HEAD_BEGUN);
            }
        } else {
            decodedHead(in, from, out);
        }
    }

    private void decodedHead(ByteBuf in, int from, List<Object> out) {
        HttpObject first = (HttpObject) out.get(0);
        if (first.decoderResult().isSuccess()) {
            lookAtLines(in, from);
            if (lenient) {
                first.setDecoderResult(DecoderResult.failure(
                        new IllegalArgumentException(
                                "the request line or a header is not written as it must be")));
            } else if (++headsAtOnce > MOST_HEADS_AT_ONCE) {
                first.setDecoderResult(DecoderResult.failure(
                        new IllegalArgumentException(
                                "more than " + MOST_HEADS_AT_ONCE + " requests at once")));
            }
        }
        refused = first.decoderResult().isFailure();
        if (!refused) {
            head.hosts = hosts;
            head.contentLengths = contentLengths;
            head.hasBody = out.size() == 1;
            inBody = head.hasBody;
        }
        if (out.size() > 1) {
            out.remove(1); // the empty end of what has no body
        }
        head = null;
        hosts = 0;
        contentLengths = 0;
        lineSeen = false;
        announced = false;
    }

    private void decodedBody(List<Object> out) {
        if (!out.isEmpty() && out.get(out.size() - 1) instanceof LastHttpContent last) {
            inBody = false;
            refused = last.decoderResult().isFailure();
        }
    }

    /** At the lines that were taken just now; the decoder takes whole ones. */
    private void lookAtLines(ByteBuf in, int from) {
        int end = in.readerIndex();
        for (int line = from, feed; line < end
                && (feed = in.indexOf(line, end, HttpConstants.LF)) >= 0; line = feed
                        + 1) {
            byte first = in.getByte(line);
            if (lineSeen) {
                lenient |= first == HttpConstants.SP || first == HttpConstants.HT;
            } else if (head != null && first != HttpConstants.CR && first != HttpConstants.LF) {
                lineSeen = true;
                lenient = !isStrict(in, line, feed - 1 - line);
            }
        }
    }

    private boolean isStrict(ByteBuf in, int line, int length) {
        int method = head.method().name().length();
        int target = head.uri().length();
        return length == method + target + REST_OF_LINE && in.getByte(line + method) == HttpConstants.SP
                && in.getByte(line + method + 1 + target) == HttpConstants.SP;
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        headsAtOnce = 0;
        super.channelReadComplete(context);
    }
}
