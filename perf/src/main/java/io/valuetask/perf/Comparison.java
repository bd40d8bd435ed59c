package io.valuetask.perf;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** One row of a {@code compare}: a workload, how it is driven, and the modes that are measured beside raw Netty. */
enum Comparison {
    ECHO_1("echo 64 B, 1 connection", options -> options.connections = 1, Modes.ECHO),
    ECHO("echo 64 B, 64 connections", options -> {}, Modes.ECHO),
    ECHO_1000("echo 64 B, 1,000 connections", options -> options.connections = 1000, Modes.ECHO),
    ECHO_10000("echo 64 B, 10,000 connections", options -> options.connections = 10_000, Modes.FEW),
    ECHO_16K("echo 16 KiB, 64 connections", options -> options.payloadBytes = 16 * 1024, Modes.ECHO),
    ECHO_PIPELINED("echo 64 B framed, 16 under way on each of 64 connections", options -> {
        options.pipelining = 16;
        options.framed = true;
    }, List.of("raw-flush-on-complete", "loop-send", "loop-write", "common")),
    ECHO_TLS("echo 64 B over TLS 1.3, 64 connections", options -> options.tls = true, Modes.FEW),
    HTTP("HTTP/1.1 plaintext, 64 connections", options -> options.workload = Workload.HTTP, Modes.ALL),
    HTTP_PIPELINED("HTTP/1.1 plaintext, 16 under way on each of 64 connections", options -> {
        options.workload = Workload.HTTP;
        options.pipelining = 16;
    }, Modes.ALL),
    HTTP_STREAM("HTTP/1.1 streaming, an answer of 64 parts of 1 KiB, 64 connections",
            options -> options.workload = Workload.HTTP_STREAM, Modes.ALL),
    PROXY("proxy, one transfer after the other", options -> options.workload = Workload.PROXY, Modes.ALL);

    private final String title;
    private final Consumer<EchoOptions> setUp;
    private final List<String> modes;

    Comparison(String title, Consumer<EchoOptions> setUp, List<String> modes) {
        this.title = title;
        this.setUp = setUp;
        this.modes = modes;
    }

    /** Shared lists, in a class of their own since an enum's constants come before its fields. */
    private static final class Modes {
        static final List<String> ECHO = List.of("future", "callback", "loop-send", "loop-write", "common",
                "completable-future", "jdk-sockets", "vertx", "vertx-virtual", "reactor-netty");
        static final List<String> FEW = List.of("callback", "loop-send", "loop-write", "common");
        /** Whatever the workload has. */
        static final List<String> ALL = List.of();
    }

    /** For the text of {@code --help}. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        Names() {
            super(Arrays.stream(values()).map(Comparison::toString).toList());
        }
    }

    String title() {
        return title;
    }

    /** With those modes that this class path has. */
    EchoOptions options(int pairs, double warmupSeconds, double durationSeconds) {
        EchoOptions options = new EchoOptions();
        options.pairs = pairs;
        options.warmupSeconds = warmupSeconds;
        options.durationSeconds = durationSeconds;
        setUp.accept(options);
        List<String> known = Mode.of(options.workload).stream().filter(mode -> !mode.isFloor())
                .map(Mode::toString)
                .toList();
        options.modeNames = modes.isEmpty() ? known : modes.stream().filter(known::contains).toList();
        return options;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Comparison of(String name) {
        for (Comparison comparison : values()) {
            if (comparison.toString().equals(name)) {
                return comparison;
            }
        }
        throw new IllegalArgumentException(
                "no workload '" + name + "'; there are " + String.join(", ", new Names()));
    }
}
