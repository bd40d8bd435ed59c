package io.valuetask.samples;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import static org.junit.jupiter.api.Assumptions.abort;

/**
 * A program that others have written, as the peer of a sample. What it prints is gathered all the time, so that it never
 * waits for that; and it does not outlive its test.
 */
public final class ExternalProgram implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 60;

    private final List<String> command;
    private final Process process;
    private final CompletableFuture<String> errors;

    /** What a program left behind. */
    public record Ended(int status, String output, String errors) {}

    private ExternalProgram(List<String> command) throws IOException {
        this.command = command;
        process = new ProcessBuilder(command).start();
        errors = gather(process.errorReader(StandardCharsets.UTF_8));
    }

    /**
     * Where a program is; a test that asks for one that is not installed is skipped, and says what to install.
     *
     * @param debianPackage what brings it
     * @param names of the program, the first that there is counts
     */
    public static String find(String debianPackage, String... names) {
        Optional<Path> found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(folder -> Stream.of(names).map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable).findFirst();
        if (found.isEmpty()) {
            String reason = "skipped, since there is no " + String.join(" or ", names)
                    + " on the PATH: apt-get install " + debianPackage;
            System.out.println(reason);
            abort(reason);
        }
        return found.get().toString();
    }

    /** Begins a program that a test talks to. */
    public static ExternalProgram start(String program, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program));
        command.addAll(List.of(arguments));
        return new ExternalProgram(command);
    }

    /** Runs a program to its end, with nothing on its standard input. */
    public static Ended run(String program, String... arguments) throws Exception {
        try (ExternalProgram running = start(program, arguments)) {
            return running.awaitEnd();
        }
    }

    /** Its standard input. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /** The next line of its output, null at the end; bounded by the test's own timeout. */
    public String line() throws IOException {
        return process.inputReader(StandardCharsets.UTF_8).readLine();
    }

    /** Closes its standard input, and gathers the rest of what it says. */
    public Ended awaitEnd() throws Exception {
        input().close();
        CompletableFuture<String> output = gather(process.inputReader(StandardCharsets.UTF_8));
        if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
            process.toHandle().destroyForcibly(); // leaves the streams open, unlike process.destroyForcibly()
            throw new AssertionError(
                    "still running after " + DEADLINE_SECONDS + " s: " + command + "; output: "
                            + output.get() + "; errors: " + errors.get());
        }
        return new Ended(process.exitValue(), output.get(), errors.get());
    }

    private static CompletableFuture<String> gather(BufferedReader from) {
        return CompletableFuture.supplyAsync(() -> String.join("\n", from.lines().toList()),
                task -> Thread.ofVirtual().start(task));
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().onExit().join();
    }
}
