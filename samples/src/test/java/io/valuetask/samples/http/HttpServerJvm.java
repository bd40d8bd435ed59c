package io.valuetask.samples.http;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The HTTP server in a JVM of its own, as a user would run it, but with Netty's leak detector. What it prints is read all the
 * time, so that it never waits for that.
 */
final class HttpServerJvm implements AutoCloseable {
    private static final String LISTENING = "listening on port ";

    private final Process process;
    private final int port;
    private final List<String> output = new CopyOnWriteArrayList<>();
    private final List<String> errors = new CopyOnWriteArrayList<>();
    private final Thread outputReader;
    private final Thread errorReader;

    static HttpServerJvm start(String... arguments) throws IOException {
        return new HttpServerJvm(List.of("-Dio.netty.leakDetection.level=paranoid"), arguments);
    }

    /** With options of the JVM, such as the size of its heap. */
    static HttpServerJvm startWith(List<String> options, String... arguments) throws IOException {
        return new HttpServerJvm(options, arguments);
    }

    private HttpServerJvm(List<String> options, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("--sun-misc-unsafe-memory-access=allow");
        command.add("--add-opens=java.base/java.lang=ALL-UNNAMED");
        command.addAll(options);
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.add(Sample15HttpServer.class.getName());
        command.add("0");
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).start();
        errorReader = gather(process.errorReader(StandardCharsets.UTF_8), errors);
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        if (line == null || !line.startsWith(LISTENING)) {
            process.destroyForcibly();
            throw new IOException("expected '" + LISTENING + "N', got '" + line + "'; errors: " + errors);
        }
        port = Integer.parseInt(line.substring(LISTENING.length()));
        outputReader = gather(lines, output);
    }

    private static Thread gather(BufferedReader from, List<String> to) {
        return Thread.ofVirtual().start(() -> {
            try {
                from.lines().forEach(to::add);
            } catch (UncheckedIOException killed) {
                // at the end of the test
            }
        });
    }

    int port() {
        return port;
    }

    long pid() {
        return process.pid();
    }

    RawClient connect() throws IOException {
        return new RawClient(port);
    }

    /** Asks the JVM to end, as a service manager or Ctrl-C would. */
    void terminate() {
        process.toHandle().destroy();
    }

    /** Waits for the end of the JVM, and answers what it printed beside the port. */
    List<String> awaitEnd(long timeoutSeconds) throws InterruptedException {
        assertThat(process.waitFor(timeoutSeconds, TimeUnit.SECONDS)).as("has ended").isTrue();
        outputReader.join();
        errorReader.join();
        return output;
    }

    /** Waits for a line of standard output with this in it. */
    void awaitOutput(String part) throws InterruptedException {
        while (output.stream().noneMatch(line -> line.contains(part))) { // the test's own timeout ends it
            Thread.sleep(10);
        }
    }

    List<String> errors() {
        return errors;
    }

    /** Closes each that there is: all of them, whatever the others have said. */
    static void closeAll(HttpServerJvm first, HttpServerJvm second) {
        try (first; second) {
            // No more than that.
        }
    }

    /** Ends the JVM. What it has said of leaks or of failed handlers fails the test. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        assertThat(errors).noneMatch(line -> line.contains("LEAK") || line.contains("a handler failed")
                || line.contains("ended with a failure") || line.contains("nobody read"));
    }
}
