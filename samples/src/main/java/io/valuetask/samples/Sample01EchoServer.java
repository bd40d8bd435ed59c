// $ java -jar samples/target/netty-valuetask-samples.jar echo-server
package io.valuetask.samples;

import io.netty.buffer.ByteBuf;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Sends back what it receives: one virtual thread per connection, straight-line code. */
@Command(name = "echo-server", mixinStandardHelpOptions = true, description = "Sends back what it receives: a virtual thread per connection.")
public final class Sample01EchoServer implements SampleCommand {
    @Mixin
    private SampleServer server;

    public static void main(String... arguments) {
        Samples.run(new Sample01EchoServer(), arguments);
    }

    @Override
    public void run() throws SampleException {
        server.start(ValueTaskChannelInitializer.serve(Sample01EchoServer::serve));
    }

    /** Runs once per connection; when it ends, however it ends, the connection is closed. */
    static void serve(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        for (ByteBuf message; (message = channel.read().await()) != null;) {
            channel.writeAndFlush(message).await();
        }
    }
}
/*
listening on port 8007

$ echo hello | nc -q 1 localhost 8007
hello
*/
