package io.valuetask.perf;

import io.valuetask.samples.EchoServer;
import io.valuetask.samples.EchoServerWithCallbacks;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The ways of writing an echo server that are compared. */
enum Mode {
    /** A hand-written handler, no promise: what everything else is measured against. */
    RAW(RawEchoServer::main),
    /** A hand-written handler with a promise and a listener per write. */
    FUTURE(FutureEchoServer::main),
    /** The sample with two awaiters. */
    CALLBACK(EchoServerWithCallbacks::main),
    /** The sample with a virtual thread per connection. */
    VIRTUAL_THREAD(EchoServer::main);

    private final Consumer<String[]> main;

    Mode(Consumer<String[]> main) {
        this.main = main;
    }

    /** Runs the server's own {@code main} in this JVM; returns once it listens. */
    void start(String[] arguments) {
        main.accept(arguments);
    }

    static Mode of(String name) {
        for (Mode mode : values()) {
            if (mode.toString().equals(name)) {
                return mode;
            }
        }
        String known = Arrays.stream(values()).map(Mode::toString).collect(Collectors.joining(", "));
        throw new IllegalArgumentException("no mode '" + name + "'; there are " + known);
    }

    /** The name on the command line, in the table and in the JSON. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
