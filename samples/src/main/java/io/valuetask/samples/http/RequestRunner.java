package io.valuetask.samples.http;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.SocketTimeoutException;
import java.util.concurrent.TimeoutException;

/** Answers requests one after another: calls the handler, and ends whatever it leaves open or breaks. */
final class RequestRunner {
    private static final System.Logger LOGGER = System.getLogger(RequestRunner.class.getName());

    private final HttpServer server;
    private final Exchange exchange;

    RequestRunner(HttpServer server, Exchange exchange) {
        this.server = server;
        this.exchange = exchange;
    }

    /** Answers one request. True if the next one may follow on this connection. */
    boolean run(HttpRequest head) throws IOException, InterruptedException {
        long begun = server.accessLog() == null ? 0 : System.nanoTime();
        exchange.begin(head);
        boolean goesOn;
        try {
            goesOn = answer(head) && exchange.body().drain() && exchange.response().isKeepAlive();
        } finally {
            if (server.accessLog() != null) {
                server.accessLog().log(exchange, System.nanoTime() - begun);
            }
        }
        return goesOn;
    }

    private boolean answer(HttpRequest head) throws IOException, InterruptedException {
        Response response = exchange.response();
        try {
            if (head.decoderResult().isFailure()) {
                throw RequestRules.undecoded(head.decoderResult().cause());
            }
            RequestRules.check(head, server.settings().maxBody);
            exchange.body().begin(head);
            server.handler().handle(exchange.request(), exchange);
            finish(response);
            return !exchange.isUpgraded();
        } catch (HttpException refusal) {
            return refuse(refusal.status(), refusal.getMessage(), refusal.isClosing());
        } catch (InterruptedException loopEnded) {
            throw loopEnded;
        } catch (Exception failure) {
            if (!exchange.channel().channel().isActive() || failure instanceof SocketTimeoutException
                    || failure instanceof TimeoutException) {
                response.abort();
                return false; // the peer has gone, or takes nothing
            }
            LOGGER.log(Level.WARNING, () -> "a handler failed: " + exchange.request().method() + " "
                    + exchange.request().path(), failure);
            return refuse(HttpResponseStatus.INTERNAL_SERVER_ERROR, "the server failed", false);
        }
    }

    private void finish(Response response) throws IOException, InterruptedException {
        if (!response.isBegun()) {
            throw new IllegalStateException("the handler has not answered");
        } else if (!response.isEnded()) {
            exchange.end();
        }
    }

    /** Answers with a status, or breaks off if another answer has begun. */
    private boolean refuse(HttpResponseStatus status, String sentence, boolean closing) throws IOException,
            InterruptedException {
        Response response = exchange.response();
        if (response.isBegun()) {
            response.abort();
            return false;
        }
        if (status.code() != 405) { // whose Allow header is the answer
            response.forgetHeaders();
        }
        if (closing) {
            response.closeBehind();
        }
        exchange.send(status, sentence);
        return !closing;
    }
}
