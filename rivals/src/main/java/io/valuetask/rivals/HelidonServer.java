package io.valuetask.rivals;

import io.helidon.http.HeaderNames;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.http.Handler;
import io.valuetask.perf.PlaintextAnswer;
import io.valuetask.perf.StreamAnswer;
import java.io.OutputStream;

/** Helidon: no Netty, blocking sockets and a virtual thread per connection. Has no event loops to count. */
final class HelidonServer {
    private HelidonServer() {}

    static void http(String... arguments) {
        start(arguments, PlaintextAnswer.PATH, (request, response) -> {
            response.header(HeaderNames.CONTENT_TYPE, "text/plain");
            response.send(PlaintextAnswer.BODY);
        });
    }

    static void stream(String... arguments) {
        start(arguments, StreamAnswer.PATH, (request, response) -> {
            response.header(HeaderNames.CONTENT_TYPE, "text/plain");
            try (OutputStream out = response.outputStream()) {
                for (int i = 0; i < StreamAnswer.PARTS; i++) {
                    out.write(StreamAnswer.part(i));
                }
            }
        });
    }

    private static void start(String[] arguments, String path, Handler handler) {
        RivalOptions options = RivalOptions.parse(arguments);
        WebServer server = WebServer.builder().port(options.port())
                .routing(routing -> routing.get(path, handler)).build().start();
        RivalOptions.listening(server.port());
    }
}
