package io.valuetask.perf;

import io.valuetask.samples.Sample02EchoServerWithCallbacks;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The ways of writing an echo server that are compared. */
enum Mode {
    /** A hand-written handler, no promise: what everything else is measured against. */
    RAW(RawEchoServer::main),
    /** The same with one flush for each batch of reads. */
    RAW_FLUSH_ON_COMPLETE(FlushOnCompleteEchoServer::main),
    /** A hand-written handler with a promise and a listener per write. */
    FUTURE(FutureEchoServer::main),
    /** The sample with two awaiters. */
    CALLBACK(Sample02EchoServerWithCallbacks::main),
    /** A virtual thread per connection on the connection's event loop, which awaits room for the next message. */
    LOOP_SEND(BodyEchoServers::sendOnTheLoop),
    /** The sample with a virtual thread per connection, on the connection's event loop. */
    LOOP_WRITE(BodyEchoServers::writeOnTheLoop),
    /** As loop-send, on the common scheduler. */
    COMMON(BodyEchoServers::sendOnCommonThreads),
    /** As loop-write, on the common scheduler. */
    COMMON_WRITE(BodyEchoServers::writeOnCommonThreads),
    /** As common, with an event loop that is a virtual thread, too. An experiment. */
    VIRTUAL_LOOP(VirtualLoopEchoServer::main),
    /** The bridge that is usually built: a virtual thread and a future per read and write. */
    COMPLETABLE_FUTURE(CompletableFutureEchoServer::main),
    /** Without Netty: the JDK's blocking sockets on virtual threads. */
    JDK_SOCKETS(JdkSocketsEchoServer::main);

    private final Consumer<String[]> main;

    Mode(Consumer<String[]> main) {
        this.main = main;
    }

    /** Runs the server's own {@code main} in this JVM; returns once it listens. */
    void start(String[] arguments) {
        main.accept(arguments);
    }

    /** Whether it can put a decoder before its handler; the others are the samples as they are, or have no pipeline. */
    boolean canFrame() {
        return this != CALLBACK && this != COMPLETABLE_FUTURE && this != JDK_SOCKETS;
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
