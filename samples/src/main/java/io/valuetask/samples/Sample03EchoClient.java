// $ java -jar samples/target/netty-valuetask-samples.jar echo-client --messages 1000
package io.valuetask.samples;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannels;
import io.valuetask.stream.ChannelStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Sends messages to an echo server, one after the other, and compares what comes back: connect, write, read, each
 * awaited on the plain thread that called {@code main}.
 */
@Command(name = "echo-client", mixinStandardHelpOptions = true, description = "Sends messages to an echo server, and compares what comes back.")
public final class Sample03EchoClient implements SampleCommand {
    @Mixin
    private SampleLoops loops;

    @Parameters(paramLabel = "PORT", arity = "0..1", defaultValue = "8007", description = "of the server")
    private int port;

    @Option(names = "--host", defaultValue = "localhost", description = "of the server")
    private String host;

    @Option(names = "--tls", description = "TLS, whatever the server's certificate")
    private boolean tls;

    @Option(names = "--messages", paramLabel = "N", defaultValue = "1000", description = "how many to send")
    private int messages;

    @Option(names = "--size", paramLabel = "BYTES", defaultValue = "64", description = "of each message")
    private int size;

    public static void main(String... arguments) {
        Samples.run(new Sample03EchoClient(), arguments);
    }

    @Override
    public void run() throws Exception {
        EventLoopGroup group = loops.create();
        try {
            exchange(group);
        } catch (IOException failure) {
            throw new SampleException("no echo from " + host + ":" + port, failure);
        } finally {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
    }

    private void exchange(EventLoopGroup group) throws Exception {
        Bootstrap bootstrap = new Bootstrap().group(group).channel(loops.transport().socketChannel());
        SslContext context = tls ? SampleCertificate.clientContext() : null;
        ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> connecting = ValueTaskChannels.connect(bootstrap,
                new InetSocketAddress(host, port), pipeline -> {
                    if (context != null) {
                        pipeline.addLast(context.newHandler(pipeline.channel().alloc(), host, port));
                    }
                });
        try (ChannelStream stream = new ChannelStream(connecting.await())) {
            byte[] sent = new byte[size];
            byte[] received = new byte[size];
            for (int i = 0; i < messages; i++) {
                ThreadLocalRandom.current().nextBytes(sent);
                stream.write(sent, 0, size).await();
                stream.flush().await();
                stream.readExactly(Unpooled.wrappedBuffer(received).clear(), size).await();
                if (!Arrays.equals(sent, received)) {
                    throw new SampleException("message " + i + " came back as another one");
                }
            }
        }
        System.out.println(messages + " messages of " + size + " bytes came back");
    }
}
/*
1000 messages of 64 bytes came back
*/
