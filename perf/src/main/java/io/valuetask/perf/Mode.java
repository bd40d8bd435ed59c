package io.valuetask.perf;

import io.valuetask.samples.Sample02EchoServerWithCallbacks;
import io.valuetask.samples.http.Sample15HttpServer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;

/**
 * One way of writing a server, known by its name on the command line, in the tables and in the JSON. Those of this
 * module are here; {@link RivalServers} on the class path add theirs.
 */
final class Mode {
    /** What everything else is measured against: Netty by hand. Every workload has one of this name. */
    static final String FLOOR = "raw";

    private static final Map<Workload, Map<String, Mode>> ALL = all();

    private final Workload workload;
    private final String name;
    private final ServerMain main;
    private final boolean framed;

    private Mode(Workload workload, String name, ServerMain main, boolean framed) {
        this.workload = workload;
        this.name = name;
        this.main = main;
        this.framed = framed;
    }

    private static Map<Workload, Map<String, Mode>> all() {
        Map<Workload, Map<String, Mode>> all = new LinkedHashMap<>();
        for (Workload workload : Workload.values()) {
            all.put(workload, new LinkedHashMap<>());
        }
        Map<String, Mode> echo = all.get(Workload.ECHO);
        // A hand-written handler without a promise; with one flush for each batch of reads; with a promise and a listener.
        framed(echo, FLOOR, RawEchoServer::main);
        framed(echo, "raw-flush-on-complete", FlushOnCompleteEchoServer::main);
        framed(echo, "future", FutureEchoServer::main);
        // The sample with two awaiters.
        plain(echo, "callback", Sample02EchoServerWithCallbacks::main);
        // A virtual thread per connection: on its event loop or the common scheduler, awaiting room or the write.
        framed(echo, "loop-send", BodyEchoServers::sendOnTheLoop);
        framed(echo, "loop-write", BodyEchoServers::writeOnTheLoop);
        framed(echo, "common", BodyEchoServers::sendOnCommonThreads);
        framed(echo, "common-write", BodyEchoServers::writeOnCommonThreads);
        // As common, with an event loop that is a virtual thread, too. An experiment.
        framed(echo, "virtual-loop", VirtualLoopEchoServer::main);
        // The bridge that is usually built, and no Netty at all.
        plain(echo, "completable-future", CompletableFutureEchoServer::main);
        plain(echo, "jdk-sockets", JdkSocketsEchoServer::main);
        Map<String, Mode> http = all.get(Workload.HTTP);
        http.put(FLOOR, new Mode(Workload.HTTP, FLOOR, RawHttpServer::main, false));
        // The sample, with its bodies on the event loop or on the common scheduler.
        http.put("loop", new Mode(Workload.HTTP, "loop", sampleHttp("event-loop"), false));
        http.put("common", new Mode(Workload.HTTP, "common", sampleHttp("common"), false));
        Map<String, Mode> stream = all.get(Workload.HTTP_STREAM);
        stream.put(FLOOR, new Mode(Workload.HTTP_STREAM, FLOOR, RawHttpStreamServer::main, false));
        stream.put("loop", new Mode(Workload.HTTP_STREAM, "loop", BodyHttpStreamServers::onTheLoop, false));
        stream.put("common",
                new Mode(Workload.HTTP_STREAM, "common", BodyHttpStreamServers::onCommonThreads, false));
        Map<String, Mode> proxy = all.get(Workload.PROXY);
        // Handlers by hand, which read again when the write is done, or as long as there is room; and our relay.
        proxy.put(FLOOR, new Mode(Workload.PROXY, FLOOR, RawProxyServer::main, false));
        proxy.put("raw-read-ahead",
                new Mode(Workload.PROXY, "raw-read-ahead", RawProxyServer::readAhead, false));
        proxy.put("relay", new Mode(Workload.PROXY, "relay", RelayProxyServer::main, false));
        for (RivalServers rivals : ServiceLoader.load(RivalServers.class)) {
            rivals.servers().forEach((workload, servers) -> servers
                    .forEach((name, main) -> all.get(workload).put(name,
                            new Mode(workload, name, main, false))));
        }
        return all;
    }

    private static ServerMain sampleHttp(String bodies) {
        return arguments -> {
            System.setProperty("io.valuetask.bodies", bodies); // before the library has looked
            // Its connections are silent while others are measured, which with many modes is minutes.
            String[] patient = Arrays.copyOf(arguments, arguments.length + 1);
            patient[arguments.length] = "--idle-timeout=3600";
            Sample15HttpServer.main(patient);
        };
    }

    private static void framed(Map<String, Mode> modes, String name, ServerMain main) {
        modes.put(name, new Mode(Workload.ECHO, name, main, true));
    }

    private static void plain(Map<String, Mode> modes, String name, ServerMain main) {
        modes.put(name, new Mode(Workload.ECHO, name, main, false));
    }

    static Mode of(Workload workload, String name) {
        Map<String, Mode> modes = ALL.get(workload);
        Mode mode = modes.get(name);
        if (mode == null) {
            throw new IllegalArgumentException(
                    "no mode '" + name + "'; there are " + String.join(", ", modes.keySet()));
        }
        return mode;
    }

    static Mode floor(Workload workload) {
        return of(workload, FLOOR);
    }

    /** All of a workload, the floor first. */
    static List<Mode> of(Workload workload) {
        return List.copyOf(ALL.get(workload).values());
    }

    /** Runs the server's own {@code main} in this JVM; returns once it listens. */
    void start(String... arguments) throws Exception {
        main.start(arguments);
    }

    Workload workload() {
        return workload;
    }

    boolean isFloor() {
        return name.equals(FLOOR);
    }

    /** Whether it can put a decoder before its handler; the others are the samples as they are, or have no pipeline. */
    boolean canFrame() {
        return framed;
    }

    @Override
    public String toString() {
        return name;
    }
}
