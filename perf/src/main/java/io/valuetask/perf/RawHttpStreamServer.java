package io.valuetask.perf;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpHeadersFactory;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.samples.SampleServer;

/**
 * The floor for streamed answers: Netty's codec, and a handler that writes as long as there is room, and goes on when
 * there is room again. What a body says with a loop is a counter here, and a callback that looks at it.
 */
final class RawHttpStreamServer {
    private RawHttpStreamServer() {}

    public static void main(String[] arguments) {
        SampleServer.start(arguments, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpServerCodec(), new Answer());
            }
        });
    }

    /** The head of an answer whose length is not known; the same in every server of this module. */
    static HttpResponse head() {
        HttpResponse head = new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK,
                DefaultHttpHeadersFactory.headersFactory().withValidation(false));
        head.headers().set(HttpHeaderNames.CONTENT_TYPE, HttpHeaderValues.TEXT_PLAIN)
                .set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED)
                .set(HttpHeaderNames.DATE, PlaintextAnswer.date());
        return head;
    }

    /** A part in a buffer of its own, as if it had been made for this answer. */
    static HttpContent part(Channel channel, int index) {
        return new DefaultHttpContent(
                channel.alloc().directBuffer(StreamAnswer.PART_BYTES).writeBytes(StreamAnswer.part(index)));
    }

    private static final class Answer extends ChannelInboundHandlerAdapter {
        private static final int HEAD = -1;

        private int asked; // answers that are not complete
        private int next = HEAD; // what of the first of them is to be written

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof LastHttpContent) {
                asked++;
                proceed(context);
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            if (asked > 0 && context.channel().isWritable()) {
                proceed(context);
                context.flush();
            }
        }

        private void proceed(ChannelHandlerContext context) {
            while (asked > 0 && context.channel().isWritable()) {
                Object message;
                if (next == HEAD) {
                    message = head();
                    next++;
                } else if (next < StreamAnswer.PARTS) {
                    message = part(context.channel(), next++);
                } else {
                    message = LastHttpContent.EMPTY_LAST_CONTENT;
                    next = HEAD;
                    asked--;
                }
                context.write(message, context.voidPromise());
            }
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
