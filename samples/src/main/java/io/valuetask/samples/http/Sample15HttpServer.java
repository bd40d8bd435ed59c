// $ java -jar samples/target/netty-valuetask-samples.jar http-server
package io.valuetask.samples.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.valuetask.samples.SampleCertificate;
import io.valuetask.samples.SampleCommand;
import io.valuetask.samples.SampleException;
import io.valuetask.samples.SampleServer;
import io.valuetask.samples.Samples;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * An HTTP server: HTTP/1.1 and HTTP/2, files, WebSocket and Server-Sent Events, each answered by straight-line code on a
 * virtual thread. The package's page tells how it is built; to write a server of your own, begin with {@link #routes}.
 */
@Command(name = "http-server", mixinStandardHelpOptions = true, description = "HTTP/1.1 and HTTP/2, files, WebSocket and Server-Sent Events, in straight lines.")
public final class Sample15HttpServer implements SampleCommand {
    private static final int LONGEST_SLEEP_MILLIS = 10_000;
    private static final FixedBody PLAINTEXT = new FixedBody("text/plain",
            "Hello, World!".getBytes(StandardCharsets.US_ASCII));
    private static final FixedBody JSON = new FixedBody("application/json",
            "{\"message\":\"Hello, World!\"}".getBytes(StandardCharsets.US_ASCII));

    private static final FixedBody PAGE = new FixedBody("text/html; charset=utf-8", resource("index.html"));

    @Mixin
    private SampleServer server;

    @Mixin
    private HttpSettings settings;

    @Option(names = "--root", paramLabel = "DIRECTORY", description = "what /files/* serves; nothing unless said")
    private Path root;

    @Option(names = "--access-log", paramLabel = "FILE", description = "a line per request, '-' for standard output")
    private String accessLog;

    public static void main(String... arguments) {
        Samples.run(new Sample15HttpServer(), arguments);
    }

    @Override
    public void run() throws SampleException {
        SslContext tls = server.isTls()
                ? SampleCertificate.serverContext(ApplicationProtocolNames.HTTP_2,
                        ApplicationProtocolNames.HTTP_1_1)
                : null;
        HttpServer http = new HttpServer(settings, routes(), tls, openLog());
        server.listen(http.connectionHandler(), http::stop);
    }

    private AccessLog openLog() throws SampleException {
        try {
            return accessLog == null ? null : AccessLog.open(accessLog);
        } catch (IOException failure) {
            throw new SampleException("cannot write the access log", failure);
        }
    }

    private Router routes() throws SampleException {
        Router routes = new Router()
                .add("/", Sample15HttpServer::page, HttpMethod.GET)
                .add("/plaintext", (request, exchange) -> exchange.send(PLAINTEXT), HttpMethod.GET)
                .add("/json", (request, exchange) -> exchange.send(JSON), HttpMethod.GET)
                .add("/echo", Sample15HttpServer::echo, HttpMethod.POST, HttpMethod.PUT)
                .add("/sleep", Sample15HttpServer::sleep, HttpMethod.GET)
                .add("/events", new ServerSentEvents(), HttpMethod.GET)
                .add("/ws", new WebSocketEcho(), HttpMethod.GET);
        try {
            return root == null
                    ? routes
                    : routes.add("/files/*", new StaticFiles("/files/", root), HttpMethod.GET);
        } catch (IOException failure) {
            throw new SampleException("cannot serve files from " + root, failure);
        }
    }

    /** Tries the others in a browser. */
    private static void page(Request request, Exchange exchange) throws Exception {
        exchange.headers()
                .set(HttpHeaderNames.CONTENT_SECURITY_POLICY,
                        "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'")
                .set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_CACHE);
        exchange.send(PAGE);
    }

    private static byte[] resource(String name) {
        try (InputStream in = Sample15HttpServer.class.getResourceAsStream(name)) {
            return in.readAllBytes();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Sends the body back, part by part as it arrives: however long it is, only a few parts are here at a time. */
    private static void echo(Request request, Exchange exchange) throws Exception {
        CharSequence type = request.headers().get(HttpHeaderNames.CONTENT_TYPE);
        ByteBuf part = exchange.readBody(); // before the answer begins: it may be refused
        exchange.begin(HttpResponseStatus.OK, type == null ? "application/octet-stream" : type);
        for (; part != null; part = exchange.readBody()) {
            exchange.write(part);
        }
        HttpHeaders trailers = exchange.trailers();
        exchange.end(trailers);
    }

    /** The event loop goes on with others meanwhile. */
    private static void sleep(Request request, Exchange exchange) throws Exception {
        int millis = request.query("ms", 100, 0, LONGEST_SLEEP_MILLIS);
        Thread.sleep(millis);
        exchange.send(HttpResponseStatus.OK, "slept for " + millis + " ms");
    }
}
/*
listening on port 8007

$ curl -i localhost:8007/plaintext
HTTP/1.1 200 OK
date: Thu, 26 Nov 2026 23:34:14 GMT
content-type: text/plain
content-length: 13

Hello, World!

$ curl -N 'localhost:8007/events?every=1&count=2'
id: 1
data: 1

id: 2
data: 2

*/
