package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** How users test code of theirs that is given a channel: in memory, with messages as they are, and nothing else. */
class UserCodeTest {
    /** Straight-line code, which knows nothing of where it runs. */
    private static void greet(ValueTaskChannel<String, String> channel)
            throws IOException, InterruptedException {
        for (String name; (name = channel.read().await()) != null && !name.equals("bye");) {
            channel.writeAndFlush("hello " + name).await();
        }
    }

    /** The same as continuations. */
    private record Greeter(ValueTaskChannel<String, String> channel) {
        void readNext() {
            ValueTask<String> read = channel.read();
            if (!read.onCompleted(this::answer, read)) {
                answer(read);
            }
        }

        private void answer(ValueTask<String> read) {
            try {
                String name = read.result();
                if (name != null && !name.equals("bye")) {
                    channel.writeAndFlush("hello " + name).discard();
                    readNext();
                    return;
                }
            } catch (IOException failure) {
                // The channel is closed, as below.
            }
            channel.close();
        }
    }

    /** It may block, as it would in a server; the test is the client. */
    @Test
    void straightLineCode_onALocalChannel_isTestedFromTheOtherEnd() throws Exception {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory());
        try {
            LocalAddress address = new LocalAddress(UserCodeTest.class);
            new ServerBootstrap().group(loops).channel(LocalServerChannel.class)
                    .childHandler(ValueTaskChannelInitializer.serve(UserCodeTest::greet)).bind(address)
                    .sync();
            Bootstrap bootstrap = new Bootstrap().group(loops).channel(LocalChannel.class);

            try (ValueTaskChannel<String, String> client = ValueTaskChannels
                    .<String, String>connect(bootstrap, address).await()) {
                client.writeAndFlush("ann").await();
                assertThat(client.read().await()).isEqualTo("hello ann");
                client.writeAndFlush("bye").await();
                assertThat(client.read().await()).as("the end").isNull();
            }
        } finally {
            loops.shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS).sync();
        }
    }

    /** It moves when the test does something, on the test's thread. */
    @Test
    void continuations_onAnEmbeddedChannel_areTestedStepByStep() {
        ValueTaskHandler<String, String> handler = new ValueTaskHandler<>();
        EmbeddedChannel embedded = new EmbeddedChannel(handler);
        new Greeter(handler.channel()).readNext();

        embedded.writeInbound("ann");
        assertThat(embedded.<String>readOutbound()).isEqualTo("hello ann");
        assertThat(embedded.<String>readOutbound()).isNull();
        embedded.writeInbound("bye");
        assertThat(embedded.isOpen()).isFalse();
    }
}
