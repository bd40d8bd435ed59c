package io.valuetask.samples;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A sample's {@code main} in a JVM of its own, as a user would run it. */
final class SampleJvm implements AutoCloseable {
    /** On a busy machine a first body takes long to load its classes; tests that expect no warning expect none of that. */
    private static final String UNHURRIED = "-Dio.valuetask.blockedLoopMillis=30000";

    private static final String LISTENING = "listening on port ";

    private final Process process;
    private final BufferedReader output;

    SampleJvm(Class<?> main, String... arguments) throws IOException {
        this(List.of(), main, arguments);
    }

    /** With options of the JVM, such as the size of its heap. */
    SampleJvm(List<String> options, Class<?> main, String... arguments) throws IOException {
        this(Stream.of(List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.lang=ALL-UNNAMED", UNHURRIED), options,
                List.of("-cp", System.getProperty("java.class.path"), main.getName())).flatMap(List::stream)
                .toList(), arguments);
    }

    /** The executable jar, without any flag. */
    static SampleJvm ofJar(Path jar, String... arguments) throws IOException {
        return new SampleJvm(List.of("-jar", jar.toString()), arguments);
    }

    private SampleJvm(List<String> program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(program);
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command).start();
        output = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Waits for the one line that tells the port. */
    int port() throws IOException {
        String line = output.readLine();
        if (line == null || !line.startsWith(LISTENING)) {
            throw new IOException("expected '" + LISTENING + "N', got '" + line + "'; errors: " + errors());
        }
        return Integer.parseInt(line.substring(LISTENING.length()));
    }

    /** Asks the JVM to end, as a service manager or Ctrl-C would. */
    void terminate() {
        process.toHandle().destroy(); // leaves the streams open, unlike process.destroy()
    }

    /** Ends the JVM without asking it: kill -9. */
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Waits for the end of the JVM. */
    int exitStatus(long timeoutSeconds) throws InterruptedException {
        if (!process.waitFor(timeoutSeconds, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + timeoutSeconds + " s");
        }
        return process.exitValue();
    }

    /** The next line of its output, null at the end. */
    String line() throws IOException {
        return output.readLine();
    }

    String remainingOutput() {
        return String.join("\n", output.lines().toList());
    }

    String errors() {
        return String.join("\n", process.errorReader(StandardCharsets.UTF_8).lines().toList());
    }

    @Override
    public void close() {
        kill();
    }
}
