package io.valuetask.perf;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One server in a JVM of its own. What it says on standard error goes to ours, and so does what the JVM itself says on
 * standard output, such as a log that was asked for with its flags.
 */
final class ServerProcess implements AutoCloseable {
    private static final String SERIAL = "-XX:+UseSerialGC";
    /*
     * The same for every mode, and printed with every result.
     *
     * - The first five: what Netty needs on JDK 25 to use its own memory access and pooling, so that the
     *   floor allocates nothing and whatever is above it was allocated by the mode.
     * - add-opens: lets virtual threads run on the event loop of their channel. No effect on the other modes.
     * - SerialGC: the server has one core; a concurrent collector would only take turns with the event loop. It is not
     *   there if --server-jvm-arg chooses another one, since a JVM starts with no more than one.
     * - A fixed heap: no resizing during a window.
     */
    private static final List<String> FLAGS = List.of("--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow", "-Dio.netty.leakDetection.level=disabled",
            "-Dio.netty.noUnsafe=false", "-Dio.netty.allocator.type=pooled",
            "--add-opens=java.base/java.lang=ALL-UNNAMED", SERIAL, "-Xms256m", "-Xmx256m");
    private static final Predicate<String> CHOOSES_COLLECTOR = Pattern
            .compile("-XX:[+-]Use(Serial|Parallel|G1|Z|Shenandoah|Epsilon)GC").asMatchPredicate();
    private static final String LISTENING = "listening on port ";
    /** Much more than a JVM on a busy machine needs to start, or to collect a full heap some times. */
    private static final Duration LONGEST_SILENCE = Duration.ofMinutes(1);

    private final Mode mode;
    private final Process process;
    private final BufferedWriter commands;
    private final BufferedReader answers;
    private final Duration patience;
    private int port;
    private long bytesPerSample;

    private ServerProcess(Mode mode, Process process, Duration patience) {
        this.mode = mode;
        this.process = process;
        this.patience = patience;
        commands = process.outputWriter(StandardCharsets.US_ASCII);
        answers = process.inputReader(StandardCharsets.US_ASCII);
    }

    static ServerProcess start(Mode mode, EchoOptions options, Cpus cpus) throws EchoFailure {
        return start(mode, options, cpus, LONGEST_SILENCE);
    }

    /** With the longest time that it may take to listen, or to answer. */
    static ServerProcess start(Mode mode, EchoOptions options, Cpus cpus, Duration patience)
            throws EchoFailure {
        List<String> command = new ArrayList<>(cpus.serverPrefix());
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ServerProbe.class.getName()));
        command.addAll(List.of(mode.workload().name(), mode.toString(), "0", "--loops", "1", "--transport",
                options.transport()));
        if (options.tls) {
            command.add("--tls");
        }
        try {
            ServerProcess server = new ServerProcess(mode,
                    new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start(),
                    patience);
            server.waitUntilListening();
            return server;
        } catch (IOException failure) {
            throw new EchoFailure("the " + mode + " server did not start: " + failure.getMessage(), failure);
        }
    }

    /** The JVM flags of every server of a run. */
    static List<String> flags(EchoOptions options) {
        List<String> flags = new ArrayList<>(FLAGS);
        if (options.framed) {
            flags.add(Framing.flag(options.payloadBytes));
        }
        if (options.serverJvmArguments.stream().anyMatch(CHOOSES_COLLECTOR)) {
            flags.remove(SERIAL);
        }
        flags.addAll(options.serverJvmArguments);
        return flags;
    }

    private void waitUntilListening() throws EchoFailure, IOException {
        String line = readLine(LISTENING);
        if (line == null) {
            throw new EchoFailure("the " + mode + " server did not start: it ended with status " + status()
                    + "; its own message is above");
        }
        port = Integer.parseInt(line.substring(LISTENING.length()));
        bytesPerSample = measureSampling();
    }

    /**
     * The next line that begins so, or null at the end.
     *
     * @throws EchoFailure if the server says that it failed, or says nothing for too long
     */
    private @Nullable String readLine(String prefix) throws EchoFailure, IOException {
        AtomicBoolean tooLate = new AtomicBoolean();
        CompletableFuture<Void> deadline = CompletableFuture.runAsync(() -> {
            tooLate.set(true);
            process.destroyForcibly();
        }, CompletableFuture.delayedExecutor(patience.toMillis(), TimeUnit.MILLISECONDS));
        try {
            String line;
            while ((line = answers.readLine()) != null && !line.startsWith(prefix)) {
                if (line.startsWith(ServerProbe.FAILURE)) {
                    close();
                    throw new EchoFailure(
                            "the " + mode + " server failed: "
                                    + line.substring(ServerProbe.FAILURE.length()));
                }
                System.err.println(line);
            }
            if (line == null && tooLate.get()) {
                close();
                throw new EchoFailure("the " + mode + " server was silent for " + patience.toMillis() / 1e3
                        + " s and was ended by force; a flag -Xlog:gc in --server-jvm-arg would tell whether it"
                        + " was busy with its memory, and jcmd Thread.print what else");
            }
            return line;
        } finally {
            deadline.cancel(false);
        }
    }

    private int status() throws EchoFailure {
        close();
        try {
            return process.exitValue();
        } catch (IllegalThreadStateException running) {
            throw new EchoFailure("interrupted while the " + mode + " server was being ended", running);
        }
    }

    /** What a sample itself allocates: the least that was seen while nobody was connected. */
    private long measureSampling() throws EchoFailure {
        long least = Long.MAX_VALUE;
        ServerSample earlier = sample();
        for (int i = 0; i < 10; i++) {
            ServerSample later = sample();
            least = Math.min(least, later.minus(earlier).allocatedBytes());
            earlier = later;
        }
        return least;
    }

    int port() {
        return port;
    }

    /** Heap bytes that lie between two samples of an idle server. */
    long bytesPerSample() {
        return bytesPerSample;
    }

    ServerSample sample() throws EchoFailure {
        return ServerSample.parse(ask(ServerProbe.SAMPLE));
    }

    /** Collects the whole heap. */
    void collect() throws EchoFailure {
        ask(ServerProbe.COLLECT);
    }

    ServerMemory memory() throws EchoFailure {
        return ServerMemory.parse(ask(ServerProbe.MEMORY));
    }

    private String ask(String command) throws EchoFailure {
        try {
            commands.write(command + "\n");
            commands.flush();
            String line = readLine(ServerProbe.ANSWER);
            if (line != null) {
                return line.substring(ServerProbe.ANSWER.length());
            }
        } catch (IOException brokenPipe) {
            // Said below.
        }
        throw new EchoFailure("the " + mode + " server ended during the measurement, with status " + status()
                + "; its own message is above");
    }

    /** Ends the JVM by ending its input. */
    @Override
    public void close() {
        try {
            commands.close();
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (IOException gone) {
            process.destroyForcibly().onExit().join();
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
