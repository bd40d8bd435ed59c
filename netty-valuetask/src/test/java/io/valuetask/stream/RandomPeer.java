package io.valuetask.stream;

import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;

/** Sends a payload in random pieces, now and then with a pause, and finishes. */
final class RandomPeer {
    private static final int MOST_PAUSE_NANOS = 50_000;

    private RandomPeer() {}

    /**
     * Starts sending.
     *
     * @param largestPiece the length of a piece at most
     * @param pauses out of so many pieces, one is followed by a pause
     */
    static BackgroundCall<Void> send(Socket peer, byte[] payload, int largestPiece, int pauses, long seed) {
        return BackgroundCall.start(BackgroundCall.Kind.PLATFORM, () -> {
            send(peer.getOutputStream(), payload, largestPiece, pauses, new Random(seed));
            peer.shutdownOutput();
            return null;
        });
    }

    private static void send(OutputStream output, byte[] payload, int largestPiece, int pauses, Random random)
            throws IOException {
        for (int sent = 0; sent < payload.length;) {
            int length = Math.min(1 + random.nextInt(largestPiece), payload.length - sent);
            output.write(payload, sent, length);
            sent += length;
            if (random.nextInt(pauses) == 0) {
                // So that the reader waits at times and finds something at others; no outcome depends on it.
                LockSupport.parkNanos(random.nextInt(MOST_PAUSE_NANOS));
            }
        }
    }
}
