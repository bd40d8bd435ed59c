package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.valuetask.netty.ChannelBody;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.samples.SampleServer;
import io.valuetask.schedule.BodyScheduling;

/** Straight-line echo on virtual threads, by who runs them and what they await. */
final class BodyEchoServers {
    private BodyEchoServers() {}

    static void sendOnTheLoop(String[] arguments) {
        start(arguments, BodyScheduling.EVENT_LOOP, BodyEchoServers::send);
    }

    static void writeOnTheLoop(String[] arguments) {
        start(arguments, BodyScheduling.EVENT_LOOP, BodyEchoServers::write);
    }

    static void sendOnCommonThreads(String[] arguments) {
        start(arguments, BodyScheduling.COMMON, BodyEchoServers::send);
    }

    static void writeOnCommonThreads(String[] arguments) {
        start(arguments, BodyScheduling.COMMON, BodyEchoServers::write);
    }

    private static void start(String[] arguments, BodyScheduling scheduling,
            ChannelBody<ByteBuf, ByteBuf> body) {
        SampleServer.start(arguments,
                Framing.before(ValueTaskChannelInitializer.serve(body).scheduling(scheduling)));
    }

    /** Goes on as soon as there is room for more. */
    static void send(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        for (ByteBuf message; (message = channel.read().await()) != null;) {
            channel.send(message).await();
        }
    }

    /** Goes on when the message has left. */
    private static void write(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        for (ByteBuf message; (message = channel.read().await()) != null;) {
            channel.writeAndFlush(message).await();
        }
    }
}
