package io.valuetask.rivals;

import io.valuetask.perf.RivalServers;
import io.valuetask.perf.ServerMain;
import io.valuetask.perf.Workload;
import java.util.LinkedHashMap;
import java.util.Map;

/** The service that the harness finds. */
public final class Rivals implements RivalServers {
    @Override
    public Map<Workload, Map<String, ServerMain>> servers() {
        Map<String, ServerMain> echo = new LinkedHashMap<>();
        echo.put("vertx", VertxServers::echo);
        echo.put("vertx-virtual", VertxServers::echoOnVirtualThreads);
        echo.put("reactor-netty", ReactorNettyServers::echo);
        Map<String, ServerMain> http = new LinkedHashMap<>();
        http.put("vertx", VertxServers::http);
        http.put("vertx-virtual", VertxServers::httpOnVirtualThreads);
        http.put("reactor-netty", ReactorNettyServers::http);
        http.put("helidon", HelidonServer::http);
        Map<String, ServerMain> stream = new LinkedHashMap<>();
        stream.put("vertx", VertxServers::stream);
        stream.put("vertx-virtual", VertxServers::streamOnVirtualThreads);
        stream.put("reactor-netty", ReactorNettyServers::stream);
        stream.put("helidon", HelidonServer::stream);
        return Map.of(Workload.ECHO, echo, Workload.HTTP, http, Workload.HTTP_STREAM, stream);
    }
}
