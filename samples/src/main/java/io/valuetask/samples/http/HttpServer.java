package io.valuetask.samples.http;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.handler.ssl.SslContext;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** What the connections of a server share: its handler, settings, clock and log, and how many of them there are. */
final class HttpServer {
    private static final int STOPPING_STEP_MILLIS = 20;

    private final HttpSettings settings;
    private final HttpHandler handler;
    private final SslContext tls;
    private final AccessLog accessLog;
    private final HttpDate date = new HttpDate();
    private final AtomicInteger count = new AtomicInteger();
    private final Set<ServerConnection> connections = ConcurrentHashMap.newKeySet();
    private volatile boolean stopping;

    /**
     * @param tls null to speak HTTP in the clear
     * @param accessLog null for none
     */
    HttpServer(HttpSettings settings, HttpHandler handler, SslContext tls, AccessLog accessLog) {
        this.settings = settings;
        this.handler = handler;
        this.tls = tls;
        this.accessLog = accessLog;
    }

    /** What to add to the pipeline of each accepted connection. */
    ChannelHandler connectionHandler() {
        if (tls == null) {
            return ValueTaskChannelInitializer.serve(this::serve);
        }
        return ValueTaskChannelInitializer.serve(new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new ReadsWhileWritable(), tls.newHandler(channel.alloc()));
            }
        }, this::serve);
    }

    private void serve(ValueTaskChannel<Object, Object> channel) throws InterruptedException {
        ServerConnection.serve(this, channel);
    }

    /** False if there are as many connections as may be. */
    boolean enter(ServerConnection connection) {
        if (count.incrementAndGet() > settings.maxConnections) {
            count.decrementAndGet();
            return false;
        }
        connections.add(connection);
        return true;
    }

    void leave(ServerConnection connection) {
        connections.remove(connection);
        count.decrementAndGet();
    }

    /** Ends what is idle, waits for what runs, which is told to its peers, and gives up in the end. Accepts nobody before. */
    void stop() {
        stopping = true;
        long end = System.nanoTime() + settings.stopTimeout.toNanos();
        try {
            while (!connections.isEmpty() && end - System.nanoTime() > 0) {
                connections.forEach(ServerConnection::wake); // again: one may have begun to wait meanwhile
                Thread.sleep(STOPPING_STEP_MILLIS);
            }
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        if (accessLog != null) {
            accessLog.close();
        }
    }

    boolean isStopping() {
        return stopping;
    }

    HttpSettings settings() {
        return settings;
    }

    HttpHandler handler() {
        return handler;
    }

    boolean isTls() {
        return tls != null;
    }

    AccessLog accessLog() {
        return accessLog;
    }

    CharSequence date() {
        return date.now();
    }
}
