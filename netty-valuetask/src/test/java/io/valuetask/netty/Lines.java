package io.valuetask.netty;

import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.FixedLengthFrameDecoder;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;

/** The text protocol that tests go on with on a connection: a line is a message to read, a string one to write. */
final class Lines {
    private Lines() {}

    static void add(ChannelPipeline pipeline) {
        pipeline.addLast(new LineBasedFrameDecoder(80), new StringDecoder(), new StringEncoder());
    }

    /** Goes on with frames. What the decoder of lines still holds is the first of them. */
    static void replaceWithFrames(ChannelPipeline pipeline, int length) {
        pipeline.addLast(new FixedLengthFrameDecoder(length));
        pipeline.remove(StringDecoder.class);
        pipeline.remove(StringEncoder.class);
        pipeline.remove(LineBasedFrameDecoder.class);
    }
}
