package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.valuetask.samples.SampleServer;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The bridge that is usually built: a virtual thread per connection, and a {@link CompletableFuture} for each read and
 * each write between it and the pipeline.
 */
final class CompletableFutureEchoServer {
    private CompletableFutureEchoServer() {}

    public static void main(String[] arguments) {
        SampleServer.start(arguments, new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new Bridge());
            }
        });
    }

    private static void serve(Bridge bridge) {
        try {
            for (ByteBuf message; (message = bridge.read().get()) != null;) {
                bridge.write(message).get();
            }
        } catch (ExecutionException | InterruptedException broken) {
            bridge.context.close();
        }
    }

    private static final class Bridge extends ChannelInboundHandlerAdapter {
        private final ArrayDeque<ByteBuf> received = new ArrayDeque<>();
        private CompletableFuture<ByteBuf> reader;
        private boolean ended;
        private ChannelHandlerContext context;

        @Override
        public void channelActive(ChannelHandlerContext ctx) {
            context = ctx;
            Thread.ofVirtual().start(() -> serve(this));
        }

        CompletableFuture<ByteBuf> read() {
            CompletableFuture<ByteBuf> read = new CompletableFuture<>();
            context.executor().execute(() -> {
                ByteBuf next = received.poll();
                if (next != null || ended) {
                    read.complete(next);
                } else {
                    reader = read;
                }
            });
            return read;
        }

        CompletableFuture<Void> write(ByteBuf message) {
            CompletableFuture<Void> write = new CompletableFuture<>();
            context.writeAndFlush(message).addListener(written -> {
                if (written.isSuccess()) {
                    write.complete(null);
                } else {
                    write.completeExceptionally(written.cause());
                }
            });
            return write;
        }

        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) {
            if (reader != null) {
                completeReader((ByteBuf) message);
            } else {
                received.add((ByteBuf) message);
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext ctx) {
            ended = true;
            if (reader != null) {
                completeReader(null);
            }
        }

        private void completeReader(ByteBuf result) {
            CompletableFuture<ByteBuf> waiting = reader;
            reader = null;
            waiting.complete(result);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
