package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A Netty channel of the same process, without anything of ours. */
final class LocalPeer extends ChannelInboundHandlerAdapter implements Peer {
    private static final byte[] END = {};
    /** For all of them: the loops under test end, and this one goes on. */
    private static final EventLoopGroup GROUP = new MultiThreadIoEventLoopGroup(1,
            new DefaultThreadFactory("local-peer", true), LocalIoHandler.newFactory());

    private final BlockingQueue<byte[]> arrived = new LinkedBlockingQueue<>();
    private final Channel channel;
    private byte[] rest = {};

    private LocalPeer(SocketAddress address) throws InterruptedException {
        channel = new Bootstrap().group(GROUP).channel(LocalChannel.class).handler(this).connect(address)
                .sync().channel();
    }

    static LocalPeer connect(SocketAddress address) throws InterruptedException {
        return new LocalPeer(address);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        byte[] bytes = ByteBufUtil.getBytes((ByteBuf) message);
        ReferenceCountUtil.release(message); // first: this is the sender's buffer, and tests look at its count
        arrived.add(bytes);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        arrived.add(END);
    }

    @Override
    public void send(byte[] bytes) {
        channel.writeAndFlush(Bytes.of(bytes)).syncUninterruptibly();
    }

    @Override
    public byte[] receive(int length) throws IOException {
        byte[] bytes = receiveUpTo(length);
        assertThat(bytes).as("what arrived before the end of the stream").hasSize(length);
        return bytes;
    }

    @Override
    public byte[] receiveAll() throws IOException {
        return receiveUpTo(Integer.MAX_VALUE);
    }

    private byte[] receiveUpTo(int length) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        while (bytes.size() < length) {
            byte[] next = rest.length > 0 ? rest : take();
            if (next == END) {
                arrived.add(END); // for whoever asks again
                break;
            }
            int taken = Math.min(next.length, length - bytes.size());
            bytes.write(next, 0, taken);
            rest = Arrays.copyOfRange(next, taken, next.length);
        }
        return bytes.toByteArray();
    }

    private byte[] take() throws IOException {
        try {
            byte[] next = arrived.poll(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new IOException("nothing arrived within " + Call.LIMIT_SECONDS + " s");
            }
            return next;
        } catch (InterruptedException failure) {
            throw new IOException(failure);
        }
    }

    @Override
    public void close() {
        channel.close().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
    }
}
