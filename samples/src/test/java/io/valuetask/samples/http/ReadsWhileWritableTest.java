package io.valuetask.samples.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A socket that counts its reads, and whose peer takes what was written when it is flushed. */
class ReadsWhileWritableTest {
    private int reads;
    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
        @Override
        public void read(ChannelHandlerContext context) throws Exception {
            reads++;
            super.read(context);
        }
    }, new ReadsWhileWritable());

    ReadsWhileWritableTest() {
        channel.config().setAutoRead(false).setWriteBufferWaterMark(new WriteBufferWaterMark(1, 2));
        reads = 0;
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @Test
    void read_whilePeerTakesWhatIsWritten_isPassedOn() {
        channel.read();
        channel.read();
        assertThat(reads).isEqualTo(2);
    }

    @Test
    void read_whilePeerTakesNothing_isPassedOnOnceItDoes() {
        channel.write(Unpooled.wrappedBuffer(new byte[10]));
        channel.read();
        channel.read();
        assertThat(reads).isZero();
        channel.flush();
        assertThat(reads).isEqualTo(1);
    }

    @Test
    void peer_whoTakesAgain_isNotReadUnlessAskedFor() {
        channel.write(Unpooled.wrappedBuffer(new byte[10]));
        channel.flush();
        assertThat(channel.isWritable()).isTrue();
        assertThat(reads).isZero();
    }
}
