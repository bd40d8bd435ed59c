package io.valuetask.perf;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.valuetask.samples.SampleServer;

/**
 * A proxy as it is usually written on Netty, and as its own example is: a handler on each side that writes what it reads to
 * the other one, and reads again when that is done and the other one has room. When one side ends it closes the other; it
 * knows no half-closure.
 */
final class RawProxyServer {
    private RawProxyServer() {}

    public static void main(String[] arguments) {
        start(arguments, false);
    }

    /** Reads on while there is room, whatever of it has left. */
    static void readAhead(String[] arguments) {
        start(arguments, true);
    }

    private static void start(String[] arguments, boolean readAhead) {
        SampleServer.start(arguments, new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel client) {
                client.config().setAutoRead(false);
                client.pipeline().addLast(new Connector(readAhead));
            }
        });
    }

    /** Connects to the backend, and becomes a {@link Side}. */
    private static final class Connector extends ChannelInboundHandlerAdapter {
        private final boolean readAhead;

        Connector(boolean readAhead) {
            this.readAhead = readAhead;
        }

        @Override
        public void channelActive(ChannelHandlerContext context) {
            Channel client = context.channel();
            Bootstrap bootstrap = new Bootstrap().group(client.eventLoop()).channel(client.getClass())
                    .option(ChannelOption.AUTO_READ, false).handler(new Side(client, readAhead));
            ChannelFuture connecting = bootstrap
                    .connect(ProxyBackend.address());
            Channel backend = connecting.channel();
            context.pipeline().replace(this, null, new Side(backend, readAhead));
            connecting.addListener(connected -> {
                if (connected.isSuccess()) {
                    client.read();
                    backend.read();
                } else {
                    client.close();
                }
            });
        }
    }

    private static final class Side extends ChannelInboundHandlerAdapter {
        private final Channel other;
        private final boolean readAhead;
        private final ChannelFutureListener written = this::written;
        private ChannelHandlerContext context;
        private boolean waits;

        Side(Channel other, boolean readAhead) {
            this.other = other;
            this.readAhead = readAhead;
        }

        @Override
        public void handlerAdded(ChannelHandlerContext added) {
            context = added;
        }

        @Override
        public void channelRead(ChannelHandlerContext unused, Object message) {
            if (readAhead) {
                other.write(message, other.voidPromise());
            } else {
                other.writeAndFlush(message).addListener(written);
            }
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext unused) {
            if (readAhead) {
                other.flush();
                readIfThereIsRoom();
            }
        }

        private void written(ChannelFuture write) {
            if (write.isSuccess()) {
                readIfThereIsRoom();
            } else {
                context.close();
            }
        }

        private void readIfThereIsRoom() {
            waits = !other.isWritable();
            if (!waits) {
                context.read();
            }
        }

        /** Of this channel: then the other one may read. */
        @Override
        public void channelWritabilityChanged(ChannelHandlerContext unused) {
            ChannelHandler there = other.pipeline().last();
            if (there instanceof Side side && side.waits) {
                side.readIfThereIsRoom();
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext unused) {
            other.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext unused, Throwable cause) {
            context.close();
        }
    }
}
