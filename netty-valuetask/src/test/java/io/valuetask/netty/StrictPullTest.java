package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTask;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What the transport is asked for, without and with reading ahead. */
class StrictPullTest {
    private int asked;
    private EmbeddedChannel embedded;

    private ValueTaskChannel<String, String> channel(boolean ahead) {
        ValueTaskHandler<String, String> handler = new ValueTaskHandler<>(
                ValueTaskChannelOptions.DEFAULTS.readAhead(ahead), null);
        embedded = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void read(ChannelHandlerContext ctx) {
                asked++;
                ctx.read();
            }
        }, handler);
        return handler.channel();
    }

    @AfterEach
    void finish() {
        embedded.finishAndReleaseAll();
    }

    @Test
    void transport_whenNobodyReadsAndReadingAheadIsOff_isAskedForNothing() throws IOException {
        ValueTaskChannel<String, String> channel = channel(false);
        assertThat(asked).isZero();

        ValueTask<String> read = channel.read();
        assertThat(asked).isOne();
        embedded.writeInbound("a", "b");

        assertThat(read.result()).isEqualTo("a");
        assertThat(channel.read().result()).as("came unasked").isEqualTo("b");
        assertThat(asked).isOne();
    }

    @Test
    void transport_whenABatchBringsNothingToAPendingRead_isAskedAgain() throws IOException {
        ValueTaskChannel<String, String> channel = channel(false);
        ValueTask<String> read = channel.read();

        embedded.pipeline().fireChannelReadComplete();
        assertThat(asked).isEqualTo(2);
        embedded.writeInbound("a");

        assertThat(read.result()).isEqualTo("a");
        assertThat(asked).isEqualTo(2);
    }

    @Test
    void transport_whenReadingAheadIsOn_isAskedBeforeAnybodyReads() {
        channel(true);

        assertThat(asked).isPositive();
    }
}
