package io.valuetask.perf;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Both ends of a connection through a proxy: what is written to one has to come out of the other, byte by byte. Plain
 * sockets, a thread each, so that the load is the same for all and cheap.
 */
final class Transfer implements AutoCloseable {
    static final int LARGEST_CHUNK = 256 * 1024;
    private static final int LONGEST_SILENCE_MILLIS = 10_000;
    /** A prime, so that the bytes that are looked at move through the chunks. */
    private static final int LOOK_EVERY = 509;

    private final ExecutorService sender = Executors
            .newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
    private final Socket source;
    private final Socket sink;
    private final byte[] outgoing = new byte[LARGEST_CHUNK];
    private final byte[] incoming = new byte[LARGEST_CHUNK];
    private long sent;
    private long received;

    /** Connects through a proxy, which connects to the backend that is given. */
    Transfer(int proxyPort, ServerSocket backend) throws IOException {
        source = new Socket();
        source.setTcpNoDelay(true);
        source.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxyPort));
        backend.setSoTimeout(LONGEST_SILENCE_MILLIS);
        sink = backend.accept();
        sink.setSoTimeout(LONGEST_SILENCE_MILLIS);
    }

    /** Sends so many bytes, in writes of a size, and returns the time until all have come out. */
    long run(long bytes, int chunk) throws EchoFailure, InterruptedException {
        long start = System.nanoTime();
        Future<?> sending = sender.submit(() -> {
            send(bytes, chunk);
            return null;
        });
        try {
            receive(bytes);
            long elapsed = System.nanoTime() - start;
            sending.get();
            return elapsed;
        } catch (SocketTimeoutException stalled) {
            throw new EchoFailure((sent - received) + " bytes are missing " + LONGEST_SILENCE_MILLIS / 1000
                    + " s after the last one", stalled);
        } catch (IOException | ExecutionException broken) {
            throw new EchoFailure("the transfer broke after " + received + " bytes: " + broken.getMessage(),
                    broken);
        }
    }

    private void send(long bytes, int chunk) throws IOException {
        for (long left = bytes; left > 0;) {
            int length = (int) Math.min(left, chunk);
            for (int i = (int) firstLook(sent); i < length; i += LOOK_EVERY) {
                outgoing[i] = at(sent + i);
            }
            source.getOutputStream().write(outgoing, 0, length);
            sent += length;
            left -= length;
        }
    }

    private void receive(long bytes) throws IOException, EchoFailure {
        for (long left = bytes; left > 0;) {
            int length = sink.getInputStream().read(incoming, 0, (int) Math.min(left, LARGEST_CHUNK));
            if (length < 0) {
                throw new EchoFailure("the proxy closed the connection after " + received + " bytes");
            }
            for (int i = (int) firstLook(received); i < length; i += LOOK_EVERY) {
                if (incoming[i] != at(received + i)) {
                    throw new EchoFailure("another byte came in place of the one at " + (received + i));
                }
            }
            received += length;
            left -= length;
        }
    }

    /** From a position in the stream to the next byte that is looked at. */
    private static long firstLook(long position) {
        return (LOOK_EVERY - position % LOOK_EVERY) % LOOK_EVERY;
    }

    /** What stands at a position that is looked at. */
    private static byte at(long position) {
        return (byte) (position / LOOK_EVERY * 31 >>> 2);
    }

    @Override
    public void close() {
        sender.shutdownNow();
        try (source; sink) {
            // Nothing is under way.
        } catch (IOException gone) {
            // As it should be.
        }
    }
}
