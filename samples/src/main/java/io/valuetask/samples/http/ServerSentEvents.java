package io.valuetask.samples.http;

import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.time.Duration;

/**
 * Numbers, one after another, for an {@code EventSource}: {@code /events?every=MILLIS&count=N}. A slow client slows its own
 * stream down, and no one else's; the stream ends when the client goes, when it takes nothing for the write timeout, and
 * when the server stops, whereupon the client asks again and says which number it had.
 */
final class ServerSentEvents implements HttpHandler {
    private static final int LONGEST_MILLIS = 60_000;

    @Override
    public void handle(Request request, Exchange exchange) throws Exception {
        Duration every = Duration.ofMillis(request.query("every", 1000, 0, LONGEST_MILLIS));
        int count = request.query("count", Integer.MAX_VALUE, 0, Integer.MAX_VALUE);
        int had = lastEvent(request);
        exchange.headers().set(HttpHeaderNames.CACHE_CONTROL, HttpHeaderValues.NO_STORE);
        exchange.begin(HttpResponseStatus.OK, "text/event-stream");
        for (int i = 1; i <= count && !exchange.isHeadOnly() && !exchange.isStopping(); i++) {
            int number = had + i;
            exchange.write(
                    ByteBufUtil.writeUtf8(exchange.alloc(), "id: " + number + "\ndata: " + number + "\n\n"));
            if (i < count && pause(exchange, every)) {
                return;
            }
        }
    }

    private static boolean pause(Exchange exchange, Duration every) throws Exception {
        if (every.isZero()) {
            Thread.yield(); // others have their turn, however fast this client is
            return false;
        }
        return exchange.isClosedWithin(every);
    }

    private static int lastEvent(Request request) {
        String last = request.headers().get("Last-Event-ID", "0");
        try {
            return Math.max(0, Integer.parseInt(last));
        } catch (NumberFormatException notOurs) {
            return 0;
        }
    }
}
