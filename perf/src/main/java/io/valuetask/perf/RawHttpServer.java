package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.AsciiString;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.samples.SampleServer;
import java.nio.charset.StandardCharsets;

/**
 * The floor for HTTP: Netty's codec, and a handler that answers each request when its last part has come. It flushes once
 * for each batch of reads, sends a date that it makes once per second, and looks at nothing but the path.
 */
final class RawHttpServer {
    private RawHttpServer() {}

    public static void main(String[] arguments) {
        SampleServer.start(arguments, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpServerCodec(), new Answer());
            }
        });
    }

    private static final class Answer extends ChannelInboundHandlerAdapter {
        private static final ByteBuf WORDS = Unpooled.unreleasableBuffer(
                Unpooled.directBuffer().writeBytes(PlaintextAnswer.BODY.getBytes(StandardCharsets.US_ASCII))
                        .asReadOnly());
        private static final AsciiString LENGTH = AsciiString
                .cached(Integer.toString(PlaintextAnswer.BODY.length()));

        private boolean asked;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest request) {
                asked = request.decoderResult().isSuccess() && request.uri().equals(PlaintextAnswer.PATH);
            }
            if (message instanceof LastHttpContent) {
                context.write(answer(), context.voidPromise());
            }
            ReferenceCountUtil.release(message);
        }

        private FullHttpResponse answer() {
            FullHttpResponse response = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1,
                    asked ? HttpResponseStatus.OK : HttpResponseStatus.NOT_FOUND, WORDS.duplicate(),
                    DefaultHttpHeadersFactory.headersFactory().withValidation(false),
                    DefaultHttpHeadersFactory.trailersFactory().withValidation(false));
            response.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
                    .set(HttpHeaderNames.CONTENT_LENGTH, LENGTH)
                    .set(HttpHeaderNames.DATE, PlaintextAnswer.date());
            return response;
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
