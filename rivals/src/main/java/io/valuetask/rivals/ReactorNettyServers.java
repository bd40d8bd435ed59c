package io.valuetask.rivals;

import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.valuetask.perf.PlaintextAnswer;
import io.valuetask.perf.StreamAnswer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpServer;

/** Reactor Netty: publishers on the event loop. */
final class ReactorNettyServers {
    private ReactorNettyServers() {}

    static void echo(String... arguments) {
        RivalOptions options = RivalOptions.parse(arguments);
        keep(TcpServer.create().port(options.port()).runOn(loops(options), options.nativeTransport())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .handle((in, out) -> out.send(in.receive().retain())).bindNow());
    }

    static void http(String... arguments) {
        RivalOptions options = RivalOptions.parse(arguments);
        keep(HttpServer.create().port(options.port()).runOn(loops(options), options.nativeTransport())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .route(routes -> routes.get(PlaintextAnswer.PATH,
                        (request, response) -> response.header(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                                .header(HttpHeaderNames.DATE, PlaintextAnswer.date())
                                .sendString(Mono.just(PlaintextAnswer.BODY))))
                .bindNow());
    }

    static void stream(String... arguments) {
        RivalOptions options = RivalOptions.parse(arguments);
        keep(HttpServer.create().port(options.port()).runOn(loops(options), options.nativeTransport())
                .childOption(ChannelOption.TCP_NODELAY, true)
                .route(routes -> routes.get(StreamAnswer.PATH,
                        (request, response) -> response.header(HttpHeaderNames.CONTENT_TYPE, "text/plain")
                                .header(HttpHeaderNames.DATE, PlaintextAnswer.date())
                                .sendByteArray(Flux.range(0, StreamAnswer.PARTS).map(StreamAnswer::part))))
                .bindNow());
    }

    private static LoopResources loops(RivalOptions options) {
        return LoopResources.create("rival", options.loops(), true);
    }

    private static void keep(DisposableServer server) {
        RivalOptions.listening(server.port());
    }
}
