package io.valuetask.perf.load;

import io.netty.channel.epoll.Epoll;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code load} can be told about the load; {@link LoadOutputs} is about what it writes. */
final class LoadOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec spec;

    @Parameters(paramLabel = "TARGET", description = "tcp://host:port or tls://host:port for a server that echoes, http://... or https://... for one that answers.")
    String address;

    @Option(names = "--rate", paramLabel = "N", description = "Open loop: so many operations per second, whatever the server does; a latency begins when its operation should have been sent. Without it the loop is closed: a connection sends the next one when it has an answer.")
    Double rate;

    @Option(names = "--arrivals", paramLabel = "NAME", description = "Open loop: constant, or poisson for users who know nothing of each other (constant).")
    String arrivals = "constant";

    @Option(names = "--seed", paramLabel = "N", description = "Of the Poisson arrivals (1).")
    long seed = 1;

    @Option(names = "--connections", paramLabel = "N", description = "Connections, kept open (16).")
    int connections = 16;

    @Option(names = "--pipelining", paramLabel = "N", description = "Operations under way on each connection at most; over HTTP/2, streams (1).")
    int pipelining = 1;

    @Option(names = "--payload", paramLabel = "BYTES", description = "Bytes of each message or request body (64 for an echo; 0, which is a GET, for HTTP).")
    Integer payload;

    @Option(names = "--http2", description = "HTTP/2: h2 by ALPN for https, h2c with prior knowledge for http.")
    boolean http2;

    @Option(names = "--header", paramLabel = "'NAME: VALUE'", description = "One more header of each request; may be repeated.")
    List<String> headers = new ArrayList<>();

    @Option(names = "--expect-status", paramLabel = "N", description = "The status of a good answer (any from 200 to 299).")
    int expectedStatus;

    @Option(names = "--expect-length", paramLabel = "BYTES", description = "The length of a good answer's body (any).")
    long expectedLength = -1;

    @Option(names = "--expect-body", paramLabel = "TEXT", description = "The whole body of a good answer (any).")
    String expectedBody;

    @Option(names = "--ramp", paramLabel = "SECONDS", description = "Time for the load to grow, one connection after the other or the rate; not measured (0).")
    double rampSeconds;

    @Option(names = "--warmup", paramLabel = "SECONDS", description = "Full load before it is measured (2).")
    double warmupSeconds = 2;

    @Option(names = "--duration", paramLabel = "SECONDS", description = "Measured time (10).")
    double durationSeconds = 10;

    @Option(names = "--grace", paramLabel = "SECONDS", description = "Wait for answers after that; what is still missing then is counted as in flight (1).")
    double graceSeconds = 1;

    @Option(names = "--timeout", paramLabel = "SECONDS", description = "Of a request, a connect and a TLS handshake; a connection that was late is closed (5).")
    double timeoutSeconds = 5;

    @Option(names = "--max-in-flight", paramLabel = "N", description = "Open loop: operations under way or waiting for a connection; what is due beyond is skipped, and counted (10000).")
    int maxInFlight = 10_000;

    @Option(names = "--max-lateness", paramLabel = "MILLIS", description = "A run is INVALID if the generator was later than this with one in a hundred of its operations or ticks (5).")
    double maxLatenessMillis = 5;

    @Option(names = "--requests-per-connection", paramLabel = "N", description = "Churn: a connection is closed after so many operations, and another one opened (0: never).")
    long requestsPerConnection;

    @Option(names = "--half-close", description = "Profile: a connection sends its FIN behind its last request, still wants every answer, and then the server's FIN. With --requests-per-connection, 1 unless said.")
    boolean halfClose;

    @Option(names = "--slow-reader", paramLabel = "BYTES", description = "Profile: each connection reads so many bytes per second.")
    int slowReader;

    @Option(names = "--slow-writer", paramLabel = "BYTES", description = "Profile: each connection sends so many bytes per second.")
    int slowWriter;

    @Option(names = "--loops", paramLabel = "N", description = "Event loops of the generator (half of the processors).")
    int loops = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);

    @Option(names = "--transport", paramLabel = "NAME", description = "nio, epoll or auto (auto).")
    String requestedTransport = "auto";

    @Option(names = "--label", paramLabel = "TEXT", description = "What to call the run in reports (the target).")
    String label;

    Target target() {
        try {
            return Target.parse(address, http2);
        } catch (IllegalArgumentException wrong) {
            throw wrong(wrong.getMessage());
        }
    }

    boolean openLoop() {
        return rate != null;
    }

    boolean poisson() {
        return arrivals.equals("poisson");
    }

    int payloadBytes() {
        return payload != null ? payload : target().protocol().echo() ? 64 : 0;
    }

    /** How many operations a connection lives for; 0 for any number. */
    long operationsPerConnection() {
        return halfClose && requestsPerConnection == 0 ? 1 : requestsPerConnection;
    }

    long timeoutNanos() {
        return LoadWindow.nanos(timeoutSeconds);
    }

    long maxLatenessNanos() {
        return LoadWindow.nanos(maxLatenessMillis / 1e3);
    }

    boolean epoll() {
        return requestedTransport.equals("epoll") || requestedTransport.equals("auto") && Epoll.isAvailable();
    }

    /** No more event loops than there is something to do for. */
    int usedLoops() {
        return Math.min(loops, connections);
    }

    void check() {
        Target target = target();
        require(List.of("constant", "poisson").contains(arrivals),
                "--arrivals must be constant or poisson, not '" + arrivals + "'");
        require(openLoop() || !poisson(), "--arrivals is of the open loop: say --rate, too");
        require(rate == null || rate > 0 && rate <= 1e8, "--rate must be above 0 and at most 100,000,000");
        require(List.of("nio", "epoll", "auto").contains(requestedTransport),
                "--transport must be nio, epoll or auto, not '" + requestedTransport + "'");
        require(!requestedTransport.equals("epoll") || Epoll.isAvailable(),
                "--transport: epoll is not available here");
        require(connections >= 1 && pipelining >= 1 && maxInFlight >= 1 && loops >= 1,
                "--connections, --pipelining, --max-in-flight and --loops must be at least 1");
        require(payload == null || payload >= (target.protocol().echo() ? 1 : 0),
                "--payload must be at least 1 for an echo, and not negative");
        require(durationSeconds >= 0.1 && durationSeconds <= 86_400,
                "--duration must be from 0.1 s to a day, not " + durationSeconds);
        require(rampSeconds >= 0 && warmupSeconds >= 0 && graceSeconds >= 0,
                "--ramp, --warmup and --grace must not be negative");
        require(timeoutSeconds >= 0.001 && timeoutSeconds <= 3_600,
                "--timeout must be from 0.001 s to an hour, not " + timeoutSeconds);
        require(maxLatenessMillis > 0, "--max-lateness must be above 0");
        require(slowReader >= 0 && slowWriter >= 0 && requestsPerConnection >= 0,
                "--slow-reader, --slow-writer and --requests-per-connection must not be negative");
        require(!halfClose || !target.protocol().http2(),
                "--half-close is not for HTTP/2, whose streams end one by one");
        boolean expects = expectedStatus != 0 || expectedLength >= 0 || expectedBody != null
                || !headers.isEmpty();
        require(!expects || !target.protocol().echo(),
                "--expect-... and --header are for HTTP; an echo must answer what it was sent");
        for (String header : headers) {
            require(header.indexOf(':') > 0, "--header must be 'NAME: VALUE', not '" + header + "'");
        }
    }

    private void require(boolean met, String sentence) {
        if (!met) {
            throw wrong(sentence);
        }
    }

    private ParameterException wrong(String sentence) {
        return new ParameterException(spec.commandLine(), sentence);
    }
}
