// $ java -jar samples/target/netty-valuetask-samples.jar echo-server-with-callbacks
package io.valuetask.samples;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Sends back what it receives, without a thread per connection: one object for each connection, none for a message.
 *
 * <p>Everything runs on the connection's event loop. {@code onCompleted} answers false when there is nothing
 * to wait for; then the code goes on in its loop, and the stack does not grow.
 */
@Command(name = "echo-server-with-callbacks", mixinStandardHelpOptions = true, description = "The same without a thread per connection: continuations on the event loop.")
public final class Sample02EchoServerWithCallbacks implements SampleCommand {
    @Mixin
    private SampleServer server;

    public static void main(String... arguments) {
        Samples.run(new Sample02EchoServerWithCallbacks(), arguments);
    }

    @Override
    public void run() throws SampleException {
        server.start(ValueTaskChannelInitializer.onActive(Connection::serve));
    }

    /** One connection: what a compiler would make of {@link Sample01EchoServer}'s loop, written by hand. */
    private static final class Connection {
        private final ValueTaskChannel<ByteBuf, ByteBuf> channel;
        private final ValueTaskAwaiter<ByteBuf> reading = new ValueTaskAwaiter<>();
        private final ValueTaskAwaiter<Void> writing = new ValueTaskAwaiter<>();

        private Connection(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
            this.channel = channel;
        }

        /** Runs once per connection, which stays open until somebody closes it. */
        static void serve(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
            new Connection(channel).readNext();
        }

        private void readNext() {
            if (!reading.onCompleted(channel.read(), Connection::onRead, this)) {
                onRead();
            }
        }

        private void onRead() {
            try {
                do {
                    ByteBuf message = reading.result();
                    if (message == null) {
                        channel.close();
                        return;
                    }
                    if (writing.onCompleted(channel.writeAndFlush(message), Connection::onWritten,
                            this)) {
                        return;
                    }
                    writing.result();
                } while (!reading.onCompleted(channel.read(), Connection::onRead, this));
            } catch (IOException | RuntimeException failure) {
                channel.close();
            }
        }

        private void onWritten() {
            try {
                writing.result();
            } catch (IOException | RuntimeException failure) {
                channel.close();
                return;
            }
            readNext();
        }
    }
}
/*
listening on port 8007
*/
