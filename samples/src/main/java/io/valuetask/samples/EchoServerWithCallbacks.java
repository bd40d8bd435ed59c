package io.valuetask.samples;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTaskAwaiter;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import java.io.IOException;

/**
 * Sends back what it receives, without a thread per connection: what a compiler would make of
 * {@link EchoServer}'s loop, written by hand. One object per connection, none per message.
 *
 * <p>Everything runs on the connection's event loop. {@code onCompleted} answers false when there is nothing
 * to wait for; then the code goes on in its loop, and the stack does not grow.
 */
public final class EchoServerWithCallbacks {
    private final ValueTaskChannel<ByteBuf, ByteBuf> channel;
    private final ValueTaskAwaiter<ByteBuf> reading = new ValueTaskAwaiter<>();
    private final ValueTaskAwaiter<Void> writing = new ValueTaskAwaiter<>();

    private EchoServerWithCallbacks(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
        this.channel = channel;
    }

    public static void main(String[] arguments) {
        SampleServer.start(arguments, ValueTaskChannelInitializer.onActive(EchoServerWithCallbacks::serve));
    }

    /** Runs once per connection, which stays open until somebody closes it. */
    static void serve(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
        new EchoServerWithCallbacks(channel).readNext();
    }

    private void readNext() {
        if (!reading.onCompleted(channel.read(), EchoServerWithCallbacks::onRead, this)) {
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
                if (writing.onCompleted(channel.writeAndFlush(message), EchoServerWithCallbacks::onWritten,
                        this)) {
                    return;
                }
                writing.result();
            } while (!reading.onCompleted(channel.read(), EchoServerWithCallbacks::onRead, this));
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
