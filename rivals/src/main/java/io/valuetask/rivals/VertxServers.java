package io.valuetask.rivals;

import io.valuetask.perf.PlaintextAnswer;
import io.valuetask.perf.StreamAnswer;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.ThreadingModel;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.net.NetServerOptions;
import io.vertx.core.net.NetSocket;
import java.util.function.Consumer;

/** Vert.x: continuations on an event loop, and the same on its virtual threads. */
final class VertxServers {
    private VertxServers() {}

    static void echo(String... arguments) {
        deploy(arguments, ThreadingModel.EVENT_LOOP, (vertx, port) -> listen(vertx, port,
                socket -> socket.handler(bytes -> socket.write(bytes).onFailure(lost -> socket.close()))));
    }

    static void echoOnVirtualThreads(String... arguments) {
        deploy(arguments, ThreadingModel.VIRTUAL_THREAD,
                (vertx, port) -> listen(vertx, port,
                        socket -> socket.handler(bytes -> socket.write(bytes).await())));
    }

    static void http(String... arguments) {
        deploy(arguments, ThreadingModel.EVENT_LOOP,
                (vertx, port) -> serve(vertx, port, VertxServers::answer));
    }

    static void httpOnVirtualThreads(String... arguments) {
        deploy(arguments, ThreadingModel.VIRTUAL_THREAD,
                (vertx, port) -> serve(vertx, port, VertxServers::answer));
    }

    static void stream(String... arguments) {
        deploy(arguments, ThreadingModel.EVENT_LOOP, (vertx, port) -> serve(vertx, port, request -> {
            request.response().setChunked(true).putHeader(HttpHeaders.CONTENT_TYPE, "text/plain");
            proceed(request.response(), 0);
        }));
    }

    /** As long as there is room, and then when there is room again. */
    private static void proceed(HttpServerResponse response, int from) {
        for (int i = from; i < StreamAnswer.PARTS; i++) {
            if (response.writeQueueFull()) {
                int next = i;
                response.drainHandler(room -> proceed(response, next));
                return;
            }
            response.write(Buffer.buffer(StreamAnswer.part(i)));
        }
        response.end();
    }

    static void streamOnVirtualThreads(String... arguments) {
        deploy(arguments, ThreadingModel.VIRTUAL_THREAD, (vertx, port) -> serve(vertx, port, request -> {
            HttpServerResponse response = request.response().setChunked(true)
                    .putHeader(HttpHeaders.CONTENT_TYPE, "text/plain");
            for (int i = 0; i < StreamAnswer.PARTS; i++) {
                response.write(Buffer.buffer(StreamAnswer.part(i))).await();
            }
            response.end().await();
        }));
    }

    @FunctionalInterface
    private interface Service {
        /** Listens, and answers the port. */
        Future<Integer> start(Vertx vertx, int port);
    }

    private static Future<Integer> listen(Vertx vertx, int port,
            Consumer<NetSocket> connection) {
        return vertx.createNetServer(new NetServerOptions().setTcpNoDelay(true))
                .connectHandler(connection::accept).listen(port).map(server -> server.actualPort());
    }

    private static Future<Integer> serve(Vertx vertx, int port, Handler<HttpServerRequest> handler) {
        return vertx.createHttpServer(new HttpServerOptions().setTcpNoDelay(true))
                .requestHandler(handler).listen(port).map(server -> server.actualPort());
    }

    private static void answer(HttpServerRequest request) {
        if (request.path().equals(PlaintextAnswer.PATH)) {
            request.response().putHeader(HttpHeaders.CONTENT_TYPE, "text/plain")
                    .putHeader(HttpHeaders.DATE, PlaintextAnswer.date())
                    .end(PlaintextAnswer.BODY);
        } else {
            request.response().setStatusCode(404).end();
        }
    }

    private static void deploy(String[] arguments, ThreadingModel threading, Service service) {
        RivalOptions options = RivalOptions.parse(arguments);
        Vertx vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(options.loops())
                .setPreferNativeTransport(options.nativeTransport()));
        vertx.deployVerticle(new VerticleBase() {
            @Override
            public Future<?> start() {
                return service.start(vertx, options.port()).onSuccess(RivalOptions::listening);
            }
        }, new DeploymentOptions().setThreadingModel(threading)).await();
    }
}
