package io.valuetask.perf;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.samples.SampleServer;
import io.valuetask.schedule.BodyScheduling;

/** What {@link RawHttpStreamServer} does, as a loop: on virtual threads, by who runs them. */
final class BodyHttpStreamServers {
    private BodyHttpStreamServers() {}

    static void onTheLoop(String[] arguments) {
        start(arguments, BodyScheduling.EVENT_LOOP);
    }

    static void onCommonThreads(String[] arguments) {
        start(arguments, BodyScheduling.COMMON);
    }

    private static void start(String[] arguments, BodyScheduling scheduling) {
        SampleServer.start(arguments, ValueTaskChannelInitializer.serve(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new HttpServerCodec());
            }
        }, BodyHttpStreamServers::serve).scheduling(scheduling));
    }

    private static void serve(ValueTaskChannel<Object, Object> channel) throws Exception {
        for (Object message; (message = channel.read().await()) != null;) {
            ReferenceCountUtil.release(message);
            if (message instanceof LastHttpContent) {
                channel.send(RawHttpStreamServer.head()).await();
                for (int i = 0; i < StreamAnswer.PARTS; i++) {
                    channel.send(RawHttpStreamServer.part(channel.channel(), i)).await();
                }
                channel.send(LastHttpContent.EMPTY_LAST_CONTENT).await();
            }
        }
    }
}
