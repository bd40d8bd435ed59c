package io.valuetask.rivals;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.valuetask.perf.PlaintextAnswer;

/** Helidon: no Netty, blocking sockets and a virtual thread per connection. Has no event loops to count. */
final class HelidonServer {
    private HelidonServer() {}

    static void http(String... arguments) {
        RivalOptions options = RivalOptions.parse(arguments);
        WebServer server = WebServer.builder().port(options.port())
                .routing(routing -> routing.get(PlaintextAnswer.PATH, (request, response) -> {
                    response.header(HeaderNames.CONTENT_TYPE, "text/plain");
                    response.send(PlaintextAnswer.BODY);
                })).build().start();
        RivalOptions.listening(server.port());
    }
}
