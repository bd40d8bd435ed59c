package io.valuetask.samples.http;

import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One line per request, written by a thread of its own: no event loop waits for a disk. What that cannot keep up with is
 * dropped and counted.
 */
final class AccessLog {
    private static final int MOST_WAITING = 10_000;
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z",
            Locale.ROOT);

    private final PrintStream out;
    private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
    private final AtomicLong dropped = new AtomicLong();
    private final Thread writer = new Thread(this::writeAll, "access-log");
    private volatile boolean closed;

    private AccessLog(PrintStream out) {
        this.out = out;
        writer.setDaemon(true);
        writer.start();
    }

    /** To a file, at its end, or to standard output if it is called {@code -}. */
    static AccessLog open(String file) throws IOException {
        return new AccessLog(file.equals("-")
                ? System.out
                : new PrintStream(Files.newOutputStream(Path.of(file), StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND), false, StandardCharsets.UTF_8));
    }

    /** Any thread; does not wait. */
    void log(Exchange exchange, long nanos) {
        HttpRequest head = exchange.request().head();
        HttpResponseStatus status = exchange.response().status();
        String line = host(exchange) + " - - [" + TIME.format(OffsetDateTime.now(ZoneOffset.UTC)) + "] \""
                + printable(head.method().name()) + ' ' + printable(head.uri()) + ' '
                + (exchange.request().isHttp2() ? "HTTP/2" : printable(head.protocolVersion().text())) + "\" "
                + (status == null ? "-" : status.codeAsText()) + ' ' + exchange.response().bytes() + ' '
                + nanos / 1000 + "us";
        if (!waiting.offer(line)) {
            dropped.incrementAndGet();
        }
    }

    private static String host(Exchange exchange) {
        var channel = exchange.channel().channel();
        SocketAddress remote = channel.parent() != null && exchange.request().isHttp2()
                ? channel.parent().remoteAddress()
                : channel.remoteAddress();
        return remote instanceof InetSocketAddress address && address.getAddress() != null
                ? address.getAddress().getHostAddress()
                : "-";
    }

    /** Nothing in a request begins a line of its own or ends the quotes. */
    private static String printable(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return escaped(text);
            }
        }
        return text;
    }

    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                escaped.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    private void writeAll() {
        try {
            while (!closed || !waiting.isEmpty()) {
                String line = waiting.poll(100, java.util.concurrent.TimeUnit.MILLISECONDS);
                if (line == null) {
                    continue;
                }
                out.println(line);
                long lost = dropped.getAndSet(0);
                if (lost > 0) {
                    out.println("- - - " + lost + " lines were dropped");
                }
                if (waiting.isEmpty()) {
                    out.flush();
                }
            }
        } catch (InterruptedException ending) {
            // Nobody does, but the JVM's end.
        } finally {
            out.flush();
        }
    }

    /** Writes what waits, and ends. */
    void close() {
        closed = true;
        try {
            writer.join(2000);
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
    }
}
