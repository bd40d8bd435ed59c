package io.valuetask.netty;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** An address on the loopback interface that neither accepts nor refuses: its listener's backlog is full. */
final class FullBacklog implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 500;
    /** Open as long as this JVM. */
    private static FullBacklog shared;

    private final ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    private final List<Socket> fillers = new ArrayList<>();

    FullBacklog() throws IOException {
        while (fillers.size() < 50) {
            Socket filler = new Socket();
            fillers.add(filler);
            try {
                filler.connect(address(), PATIENCE_MILLIS);
            } catch (SocketTimeoutException full) {
                return;
            }
        }
        close();
        assumeTrue(false, "this system accepts whatever the backlog");
    }

    /** For who needs one many times: it takes a while to fill. */
    static synchronized FullBacklog shared() throws IOException {
        if (shared == null) {
            shared = new FullBacklog();
        }
        return shared;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Socket filler : fillers) {
            filler.close();
        }
    }
}
