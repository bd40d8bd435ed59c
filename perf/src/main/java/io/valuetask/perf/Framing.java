package io.valuetask.perf;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.FixedLengthFrameDecoder;

/**
 * Cuts what a server receives into messages of one length, where a run asks for it: then one read of the socket is many
 * messages, as with every protocol that is pipelined.
 */
final class Framing {
    private static final String PROPERTY = "io.valuetask.perf.frameBytes";
    private static final int BYTES = Integer.getInteger(PROPERTY, 0);

    private Framing() {}

    /** For the command line of a server's JVM. */
    static String flag(int bytes) {
        return "-D" + PROPERTY + "=" + bytes;
    }

    /** What serves a connection, behind a decoder if the run's messages are framed. */
    static ChannelHandler before(ChannelHandler handler) {
        if (BYTES == 0) {
            return handler;
        }
        return new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new FixedLengthFrameDecoder(BYTES), handler);
            }
        };
    }
}
