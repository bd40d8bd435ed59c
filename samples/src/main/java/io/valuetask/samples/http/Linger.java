package io.valuetask.samples.http;

import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.valuetask.netty.ValueTaskChannel;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Reads on for a moment behind the last thing that was said: whoever closes a connection before it has read what the peer has
 * sent, resets it, and then the peer may never see why.
 */
final class Linger {
    private static final long NANOS = TimeUnit.SECONDS.toNanos(2);

    private Linger() {}

    /** Behind the last answer on a connection. */
    static void behind(ValueTaskChannel<Object, Object> connection, HttpSettings settings)
            throws InterruptedException {
        try {
            connection.shutdownOutput().await(settings.writeTimeout);
            readOn(connection, false);
        } catch (IOException | TimeoutException | RuntimeException gone) {
            // Or has been reset by now, which is told in many ways.
        }
    }

    /** Behind the answer on a stream of HTTP/2, whose request may not be complete. */
    static void behindStream(ValueTaskChannel<Object, Object> stream)
            throws IOException, InterruptedException {
        readOn(stream, true);
    }

    private static void readOn(ValueTaskChannel<Object, Object> channel, boolean oneRequest)
            throws IOException,
            InterruptedException {
        long end = System.nanoTime() + NANOS;
        try {
            for (long left; (left = end - System.nanoTime()) > 0;) {
                Object message = channel.read(Duration.ofNanos(left)).await();
                if (message == null) {
                    return;
                }
                ReferenceCountUtil.release(message);
                if (oneRequest && message instanceof LastHttpContent) {
                    return;
                }
            }
        } catch (SocketTimeoutException | CancellationException enough) {
            // The peer has had its time.
        }
    }
}
