package io.valuetask.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs a main class in a JVM of its own: with other options, or with another class path, than the tests have. */
public final class ForkedJvm {
    private static final long LIMIT_SECONDS = 100;

    private final List<String> options = new ArrayList<>();
    private List<String> prefix = List.of();
    private List<String> classPath = List
            .of(System.getProperty("java.class.path").split(File.pathSeparator));

    /** Adds options of the JVM. */
    public ForkedJvm with(String... added) {
        options.addAll(List.of(added));
        return this;
    }

    /** It may have no more open files than so many, and finds out by an error. Where there is a shell. */
    public ForkedJvm withOpenFiles(int limit) {
        prefix = List.of("sh", "-c", "ulimit -n " + limit + " && exec \"$@\"", "sh");
        return this;
    }

    /** Puts a directory or an archive before all others. */
    public ForkedJvm withFirst(Path entry) {
        classPath = Stream.concat(Stream.of(entry.toString()), classPath.stream()).toList();
        return this;
    }

    /** Puts a directory or an archive behind all others. */
    public ForkedJvm withLast(Path entry) {
        classPath = Stream.concat(classPath.stream(), Stream.of(entry.toString())).toList();
        return this;
    }

    /** Leaves out of the class path what the filter names; at least one entry has to go. */
    public ForkedJvm without(Predicate<String> left) {
        List<String> remaining = classPath.stream().filter(left.negate()).toList();
        if (remaining.size() == classPath.size()) {
            throw new AssertionError("nothing to leave out of the class path: " + classPath);
        }
        classPath = remaining;
        return this;
    }

    /** Runs the class and answers what it printed; fails unless it ends by itself, in time and with exit code 0. */
    public String run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        Path output = Files.createTempFile("forked-jvm", ".out");
        try {
            Process process = new ProcessBuilder(command(main, arguments)).redirectErrorStream(true)
                    .redirectOutput(output.toFile()).start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new AssertionError("still running after " + LIMIT_SECONDS + " s: "
                        + Files.readString(output));
            }
            String printed = Files.readString(output);
            if (process.exitValue() != 0) {
                throw new AssertionError("exit code " + process.exitValue() + ": " + printed);
            }
            return printed;
        } finally {
            Files.delete(output);
        }
    }

    private List<String> command(Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("--class-path");
        command.add(classPath.stream().collect(Collectors.joining(File.pathSeparator)));
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return command;
    }
}
