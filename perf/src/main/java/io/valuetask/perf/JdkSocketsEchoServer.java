package io.valuetask.perf;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;

/** Without Netty: the JDK's blocking sockets, a virtual thread per connection. */
final class JdkSocketsEchoServer {
    private static final int BACKLOG = 1024;
    private static final int BUFFER_BYTES = 16 * 1024;

    private JdkSocketsEchoServer() {}

    /** Takes the port only; of loops and transports there are none. */
    public static void main(String[] arguments) {
        try {
            ServerSocket server = new ServerSocket(Integer.parseInt(arguments[0]), BACKLOG);
            Thread.ofVirtual().name("acceptor").start(() -> accept(server));
            System.out.println("listening on port " + server.getLocalPort());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void accept(ServerSocket server) {
        try (server) {
            for (;;) {
                Socket socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void serve(Socket socket) {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            for (int count; (count = in.read(buffer)) >= 0;) {
                out.write(buffer, 0, count);
            }
        } catch (IOException broken) {
            // The peer is gone.
        }
    }
}
