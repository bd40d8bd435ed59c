package io.valuetask.samples.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/**
 * Finds the handler of a path, and answers what is not worth one: OPTIONS, paths that are not there, and methods that are
 * not for them. HEAD is a GET whose body is not sent.
 */
final class Router implements HttpHandler {
    private final Map<String, Route> exact = new ConcurrentHashMap<>();
    private final List<Route> prefixes = new ArrayList<>();

    private record Route(String path, HttpHandler handler, Set<HttpMethod> methods, AsciiString allow) {}

    /** Adds a handler, for a path or, if that ends in {@code /*}, for all below it. Before the server starts. */
    Router add(String path, HttpHandler handler, HttpMethod... methods) {
        Set<HttpMethod> allowed = new LinkedHashSet<>(List.of(methods));
        if (allowed.contains(HttpMethod.GET)) {
            allowed.add(HttpMethod.HEAD);
        }
        allowed.add(HttpMethod.OPTIONS);
        AsciiString allow = AsciiString
                .cached(allowed.stream().map(HttpMethod::name).collect(Collectors.joining(", ")));
        if (path.endsWith("/*")) {
            prefixes.add(new Route(path.substring(0, path.length() - 1), handler, allowed, allow));
        } else {
            exact.put(path, new Route(path, handler, allowed, allow));
        }
        return this;
    }

    @Override
    public void handle(Request request, Exchange exchange) throws Exception {
        Route route = find(request.path());
        if (route == null) {
            answerWithout(request, exchange);
        } else if (!route.methods.contains(request.method())) {
            exchange.headers().set(HttpHeaderNames.ALLOW, route.allow);
            throw new HttpException(HttpResponseStatus.METHOD_NOT_ALLOWED, "allowed here: " + route.allow);
        } else if (request.method().equals(HttpMethod.OPTIONS)) {
            exchange.headers().set(HttpHeaderNames.ALLOW, route.allow);
            exchange.send(HttpResponseStatus.NO_CONTENT);
        } else {
            route.handler.handle(request, exchange);
        }
    }

    private Route find(String path) {
        Route route = exact.get(path);
        if (route != null) {
            return route;
        }
        for (Route prefix : prefixes) {
            if (path.startsWith(prefix.path)) {
                return prefix;
            }
        }
        return null;
    }

    private static void answerWithout(Request request, Exchange exchange) throws Exception {
        if (request.path().equals("*")) {
            exchange.headers().set(HttpHeaderNames.ALLOW, "GET, HEAD, POST, OPTIONS");
            exchange.send(HttpResponseStatus.NO_CONTENT);
        } else {
            throw new HttpException(HttpResponseStatus.NOT_FOUND, "there is nothing here");
        }
    }
}
