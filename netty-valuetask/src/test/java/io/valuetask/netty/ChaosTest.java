package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import io.valuetask.testing.ThreadDump;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Echo servers whose peers come and go as they like: afterwards nobody hangs, nothing is left over, and the server
 * still serves. That nothing leaked is what the leak extension says at the end of the class.
 */
@Timeout(120)
class ChaosTest {
    private static final int CONNECTIONS = 1_000;
    private static final int TLS_CONNECTIONS = 200;
    private static final int CLIENTS = 32;
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int SOCKET_TIMEOUT_MILLIS = 20_000;
    /** A loop that ends may lose a connection that it has accepted and not registered; nobody ever closes that. */
    private static final int LOST_IN_SHUTDOWN_MILLIS = 3_000;

    @TempDir
    static Path directory;

    enum Server {
        NIO_BODY(Transport.NIO, true),
        NIO_CALLBACK(Transport.NIO, false),
        EPOLL_BODY(Transport.EPOLL, true),
        EPOLL_CALLBACK(Transport.EPOLL, false);

        final Transport transport;
        final boolean threads;

        Server(Transport transport, boolean threads) {
            this.transport = transport;
            this.threads = threads;
        }
    }

    @ParameterizedTest
    @EnumSource
    void echo_whenPeersVanishAtRandomMoments_endsWithEachOfThemAndGoesOnServing(Server server)
            throws Exception {
        try (EchoServer echo = new EchoServer(server, null)) {
            Peers peers = new Peers(echo, null);
            peers.run(CONNECTIONS);
            peers.assertVerified();
            echo.assertNothingLeft(CONNECTIONS);
            peers.verifyOneEcho();
        }
    }

    @ParameterizedTest
    @EnumSource
    void echo_whenTheLoopsShutDownAmidIt_endsForEverybody(Server server) throws Exception {
        try (EchoServer echo = new EchoServer(server, null)) {
            Peers peers = new Peers(echo, null);
            peers.serverMayVanish = true;
            int amid = 100 + peers.random.nextInt(100);
            peers.afterStart(amid, echo::shutDown);
            peers.run(3 * amid);
            echo.assertTerminated();
            echo.assertNothingLeft(1);
        }
    }

    /** Every body is woken by the end of its loop, and finds on its way out that nothing takes tasks any more. */
    @ParameterizedTest
    @EnumSource(names = {"NIO_BODY", "EPOLL_BODY"})
    void bodies_whenTheLoopsShutDownWhileAllOfThemWait_end(Server server) throws Exception {
        try (EchoServer echo = new EchoServer(server, null)) {
            Socket[] sockets = new Socket[500];
            try {
                for (int i = 0; i < sockets.length; i++) {
                    sockets[i] = new Socket(echo.address(), echo.port());
                }
                await("all connections to be served", () -> echo.started.get() == sockets.length, echo);
                echo.shutDown();
                echo.assertTerminated();
                echo.assertNothingLeft(sockets.length);
            } finally {
                for (Socket socket : sockets) {
                    if (socket != null) {
                        socket.close();
                    }
                }
            }
        }
    }

    @Test
    void echo_whenPeersVanishBehindTls_endsWithEachOfThemAndGoesOnServing() throws Exception {
        KeyStore keys = selfSigned();
        KeyManagerFactory ofServer = KeyManagerFactory.getInstance("PKIX");
        ofServer.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory ofClient = TrustManagerFactory.getInstance("PKIX");
        ofClient.init(keys);
        SSLContext client = SSLContext.getInstance("TLS");
        client.init(null, ofClient.getTrustManagers(), null);
        var tls = SslContextBuilder.forServer(ofServer).build();
        ChannelHandler pipeline = new ChannelInitializer<Channel>() {
            @Override
            protected void initChannel(Channel channel) {
                SslHandler handler = tls.newHandler(channel.alloc());
                handler.setHandshakeTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS); // the machine may be busy
                channel.pipeline().addLast(handler);
            }

            @Override
            public boolean isSharable() {
                return true;
            }
        };

        try (EchoServer echo = new EchoServer(Server.NIO_BODY, pipeline)) {
            Peers peers = new Peers(echo, client.getSocketFactory());
            peers.run(TLS_CONNECTIONS);
            peers.assertVerified();
            echo.assertNothingLeft(TLS_CONNECTIONS);
            peers.verifyOneEcho();
        }
    }

    private static final String PASSWORD = "chaos-test";

    private static KeyStore selfSigned() throws Exception {
        Path store = directory.resolve("self-signed.p12");
        Process keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", "server", "-keyalg", "EC", "-dname", "CN=localhost", "-storetype",
                "PKCS12",
                "-keystore", store.toString(), "-storepass", PASSWORD).redirectErrorStream(true)
                .redirectOutput(directory.resolve("keytool.log").toFile()).start();
        if (!keytool.waitFor(LIMIT) || keytool.exitValue() != 0) {
            keytool.destroyForcibly();
            throw new AssertionError("keytool: " + Files.readString(directory.resolve("keytool.log")));
        }
        return KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
    }

    // The server

    private static final class EchoServer implements AutoCloseable {
        final AtomicInteger started = new AtomicInteger();
        final AtomicInteger ended = new AtomicInteger();
        final AtomicReference<Throwable> mistake = new AtomicReference<>();
        final OperationTally operations = new OperationTally();
        final Set<Object> running = ConcurrentHashMap.newKeySet();
        private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
        private final EventLoopGroup group;
        private final Channel listener;

        EchoServer(Server kind, ChannelHandler before) throws Exception {
            group = kind.transport.newGroup(2);
            ChannelHandler registering = new ChannelInitializer<Channel>() {
                @Override
                protected void initChannel(Channel channel) {
                    channels.add(channel);
                    if (before != null) {
                        channel.pipeline().addLast(before);
                    }
                }

                @Override
                public boolean isSharable() {
                    return true;
                }
            };
            ChannelHandler handler = kind.threads
                    ? ValueTaskChannelInitializer.<ByteBuf, ByteBuf>serve(registering, this::serve)
                    : ValueTaskChannelInitializer.<ByteBuf, ByteBuf>onActive(registering,
                            this::serveByCallbacks);
            listener = new ServerBootstrap().group(group).channel(kind.transport.serverChannel)
                    .option(ChannelOption.SO_BACKLOG, 1024)
                    .childHandler(handler).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        }

        private void serve(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
            begin(channel);
            try {
                for (ByteBuf message; (message = channel.read().await()) != null;) {
                    channel.writeAndFlush(message).await();
                }
            } catch (Throwable failure) {
                end(channel, failure);
                throw failure;
            }
            end(channel, null);
        }

        private void serveByCallbacks(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
            begin(channel);
            new CallbackEcho(channel, operations, failure -> end(channel, failure)).start();
        }

        void begin(ValueTaskChannel<ByteBuf, ByteBuf> channel) {
            started.incrementAndGet();
            running.add(channel);
        }

        void end(ValueTaskChannel<ByteBuf, ByteBuf> channel, Throwable failure) {
            if (failure != null && !isOfThePeer(failure)) {
                mistake.compareAndSet(null, failure);
            }
            running.remove(channel);
            ended.incrementAndGet();
        }

        /** Behind TLS, a broken handshake comes wrapped by the decoder. */
        private static boolean isOfThePeer(Throwable failure) {
            return failure instanceof IOException || failure.getCause() instanceof IOException;
        }

        InetAddress address() {
            return ((InetSocketAddress) listener.localAddress()).getAddress();
        }

        int port() {
            return ((InetSocketAddress) listener.localAddress()).getPort();
        }

        void shutDown() {
            listener.close(); // or the kernel goes on accepting for a loop that has ended
            group.shutdownGracefully(0, 10, TimeUnit.SECONDS);
        }

        void assertTerminated() {
            assertThat(group.terminationFuture().awaitUninterruptibly(LIMIT.toMillis())).isTrue();
        }

        void assertNothingLeft(int atLeast) throws Exception {
            await("every connection to end", () -> started.get() == ended.get() && channels.isEmpty(), this);
            assertThat(mistake.get()).isNull();
            assertThat(running).isEmpty();
            assertThat(operations.agrees()).as("each operation has ended once: " + operations.inFlight())
                    .isTrue();
            // A peer that resets before it is accepted was never a connection to the server.
            assertThat(started.get()).isGreaterThanOrEqualTo(atLeast / 2);
        }

        @Override
        public String toString() {
            return "started=" + started + ", ended=" + ended + ", channels=" + channels.size() + ", running="
                    + running.stream().limit(5).toList();
        }

        @Override
        public void close() {
            shutDown();
            assertTerminated();
        }
    }

    /** Polls a condition that others bring about; says where all threads are if they do not. */
    private static void await(String what, BooleanSupplier condition, EchoServer server) throws Exception {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        CountDownLatch never = new CountDownLatch(1);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                System.err.println(ThreadDump.text());
                throw new AssertionError("waited in vain for " + what + ": " + server);
            }
            never.await(5, TimeUnit.MILLISECONDS);
        }
    }

    // The peers

    private static final class Peers {
        private final EchoServer server;
        private final SSLSocketFactory tls;
        private final Map<Socket, Socket> plainOf = new ConcurrentHashMap<>();
        private final AtomicInteger verified = new AtomicInteger();
        private final AtomicInteger begun = new AtomicInteger();
        private final AtomicReference<Throwable> failure = new AtomicReference<>();
        final Random random;
        private final long seed;
        private final int port;
        private final InetAddress address;
        volatile boolean serverMayVanish;
        private int afterStart = -1;
        private Runnable event;

        Peers(EchoServer server, SSLSocketFactory tls) {
            this.server = server;
            this.tls = tls;
            port = server.port();
            address = server.address();
            seed = Long.getLong("chaos.seed", ThreadLocalRandom.current().nextLong());
            System.out.println("ChaosTest: -Dchaos.seed=" + seed);
            random = new Random(seed);
        }

        void afterStart(int count, Runnable happens) {
            afterStart = count;
            event = happens;
        }

        void run(int connections) throws Exception {
            CountDownLatch done = new CountDownLatch(connections);
            try (ExecutorService threads = Executors.newFixedThreadPool(CLIENTS,
                    Thread.ofPlatform().daemon().name("peer-", 0).factory())) {
                for (int i = 0; i < connections; i++) {
                    long ofPeer = random.nextLong();
                    threads.execute(() -> {
                        try {
                            onePeer(new Random(ofPeer));
                        } catch (Throwable thrown) {
                            failure.compareAndSet(null, thrown);
                        } finally {
                            done.countDown();
                        }
                    });
                }
                boolean inTime = done.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
                threads.shutdownNow();
                if (!inTime) {
                    await("peers, seed=" + seed, () -> false, server);
                }
            }
            if (failure.get() != null) {
                throw new AssertionError("seed=" + seed, failure.get());
            }
        }

        void assertVerified() {
            assertThat(verified.get()).as("echoes read to their end, seed=" + seed).isPositive();
        }

        void verifyOneEcho() throws Exception {
            try (Socket socket = connect()) {
                verifyToTheEnd(socket, new Random(seed));
            }
        }

        private Socket connect() throws IOException {
            Socket plain = new Socket(address, port);
            plain.setSoTimeout(serverMayVanish ? LOST_IN_SHUTDOWN_MILLIS : SOCKET_TIMEOUT_MILLIS);
            if (tls == null) {
                return plain;
            }
            Socket layered = tls.createSocket(plain, "localhost", port, true);
            plainOf.put(layered, plain);
            return layered;
        }

        private void onePeer(Random dice) throws Exception {
            if (begun.incrementAndGet() == afterStart) {
                event.run();
            }
            Socket connected = null;
            try (Socket socket = connect()) {
                connected = socket;
                switch (dice.nextInt(6)) {
                    case 0 -> verifyToTheEnd(socket, dice);
                    case 1 -> {
                        echoSome(socket, dice);
                        // FIN, and a reset where echoes were not read
                    }
                    case 2 -> {
                        echoSome(socket, dice);
                        reset(socket);
                    }
                    case 3 -> {
                        sendHalf(socket, dice);
                        if (dice.nextBoolean()) {
                            reset(socket);
                        }
                    }
                    case 4 -> neverRead(socket, dice);
                    default -> {
                        think(dice);
                        if (dice.nextBoolean()) {
                            reset(socket);
                        }
                    }
                }
            } catch (SocketTimeoutException silence) {
                // In a shutdown it was never registered: assertNothingLeft sees to those that were served.
                if (!serverMayVanish) {
                    throw silence;
                }
            } catch (IOException gone) {
                boolean wasReset = connected != null && plainOf.getOrDefault(connected, connected).isClosed()
                        && connected instanceof SSLSocket; // which then cannot say goodbye
                if (!serverMayVanish && !wasReset) {
                    throw gone;
                }
            }
        }

        private static byte[] message(Random dice) {
            byte[] bytes = new byte[dice.nextInt(5) == 0 ? 64 * 1024 : 1 + dice.nextInt(512)];
            dice.nextBytes(bytes);
            return bytes;
        }

        private void echoSome(Socket socket, Random dice) throws Exception {
            InputStream in = socket.getInputStream();
            OutputStream out = socket.getOutputStream();
            for (int i = dice.nextInt(8); i > 0; i--) {
                byte[] message = message(dice);
                out.write(message);
                byte[] echoed = in.readNBytes(message.length);
                if (serverMayVanish && echoed.length < message.length) {
                    return;
                }
                assertThat(echoed).isEqualTo(message);
                think(dice);
            }
            out.write(message(dice)); // and is gone before the answer, or amid it
            think(dice);
        }

        /** FIN by shutdownOutput: every byte must still come back, and then the end. */
        private void verifyToTheEnd(Socket socket, Random dice) throws Exception {
            byte[] message = message(dice);
            int count = 1 + dice.nextInt(8);
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < count; i++) {
                        out.write(message);
                    }
                    if (!(socket instanceof SSLSocket)) {
                        socket.shutdownOutput();
                    }
                } catch (IOException gone) {
                    // the reader sees that too
                }
            });
            for (int i = 0; i < count; i++) {
                byte[] echoed = in.readNBytes(message.length);
                if (serverMayVanish && echoed.length < message.length) {
                    return;
                }
                assertThat(echoed).isEqualTo(message);
            }
            if (!(socket instanceof SSLSocket)) {
                assertThat(in.read()).isEqualTo(-1);
            }
            writer.join(LIMIT);
            verified.incrementAndGet();
        }

        private void sendHalf(Socket socket, Random dice) throws Exception {
            byte[] message = message(dice);
            socket.getOutputStream().write(message, 0, message.length / 2);
            think(dice);
        }

        /** Sends until the server cannot answer any more, or long enough. */
        private void neverRead(Socket socket, Random dice) throws Exception {
            byte[] message = new byte[64 * 1024];
            Thread writer = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 64; i++) {
                        socket.getOutputStream().write(message);
                    }
                } catch (IOException reset) {
                    // by this peer, below
                }
            });
            writer.join(Duration.ofMillis(20 + dice.nextInt(50)));
            reset(socket);
            writer.join(LIMIT);
        }

        /** Of the connection itself: TLS does not get to say goodbye. */
        private void reset(Socket socket) throws IOException {
            Socket plain = plainOf.getOrDefault(socket, socket);
            plain.setSoLinger(true, 0);
            plain.close();
        }

        private static void think(Random dice) throws InterruptedException {
            if (dice.nextBoolean()) {
                Thread.sleep(dice.nextInt(15));
            }
        }
    }
}
