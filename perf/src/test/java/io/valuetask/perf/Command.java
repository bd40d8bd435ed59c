package io.valuetask.perf;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import static org.assertj.core.api.Assertions.assertThat;

/** A command of the harness in a JVM of its own, since it pins the JVM it runs in. */
final class Command {
    private static final int LONGEST_SECONDS = 100;

    private final Path directory;
    private final List<String> prefix;

    /** With a directory for what it says, and what stands before its {@code java}. */
    Command(Path directory, String... prefix) {
        this.directory = directory;
        this.prefix = List.of(prefix);
    }

    /** How it ended, and what it said. */
    record Outcome(int status, String output, String errors) {
        Outcome assertStatus(int expected) {
            assertThat(status).as("output:%n%s%nerrors:%n%s", output, errors).isEqualTo(expected);
            return this;
        }
    }

    /** Fails where it does not end. */
    Outcome run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow", "-cp",
                System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(List.of(arguments));
        Path output = directory.resolve("output");
        Path errors = directory.resolve("errors");
        Process process = new ProcessBuilder(command).redirectOutput(output.toFile())
                .redirectError(errors.toFile()).start();
        boolean ended;
        try {
            ended = process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS);
        } finally {
            process.destroyForcibly();
        }
        Outcome outcome = new Outcome(ended ? process.exitValue() : -1, Files.readString(output),
                Files.readString(errors));
        assertThat(ended).as("ended within %s s; it said %s", LONGEST_SECONDS, outcome).isTrue();
        return outcome;
    }
}
