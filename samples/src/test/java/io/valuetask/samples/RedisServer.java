package io.valuetask.samples;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real Redis that keeps nothing on disk, where {@code redis-server} is installed. */
final class RedisServer implements AutoCloseable {
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(20);

    private final Process process;
    private final int port;

    private RedisServer(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Answers nothing, and prints why, where there is none. */
    static Optional<RedisServer> start() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path directory = Files.createTempDirectory("redis");
        ProcessBuilder command = new ProcessBuilder("redis-server", "--port", Integer.toString(port),
                "--bind",
                "127.0.0.1", "--save", "", "--dir", directory.toString());
        Process process;
        try {
            process = command.redirectErrorStream(true).start();
        } catch (IOException missing) {
            System.out.println(
                    "skipped the session with Redis, since there is none (apt-get install redis-server): "
                            + missing.getMessage());
            return Optional.empty();
        } finally {
            directory.toFile().deleteOnExit();
        }
        InputStream output = process.getInputStream();
        StringBuilder said = new StringBuilder();
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (said.indexOf("Ready to accept connections") < 0) {
            int next = output.read();
            if (next < 0 || System.nanoTime() > deadline) {
                process.destroyForcibly();
                throw new IOException("redis-server did not start: " + said);
            }
            said.append((char) next);
        }
        return Optional.of(new RedisServer(process, port));
    }

    int port() {
        return port;
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
