package io.valuetask.stream;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** The same stream behind TLS 1.3, where messages are records; the peer is a socket of the JDK. */
class StreamTlsTest {
    private static final String PASSWORD = "changeit";
    private static final int PAYLOAD = 300_000;

    private static SslContext serverContext;
    private static SSLContext clientContext;

    @BeforeAll
    static void makeCertificate(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("localhost.p12");
        Process keytool = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
                "-alias",
                "localhost", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
                "san=dns:localhost,ip:127.0.0.1",
                "-storetype", "PKCS12", "-storepass", PASSWORD, "-keystore", file.toString())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
        assertThat(keytool.waitFor(StreamLoopback.LIMIT_SECONDS, TimeUnit.SECONDS)).as("keytool").isTrue();
        assertThat(Files.exists(file)).as("keytool made a certificate").isTrue();
        KeyStore keys = KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        serverContext = SslContextBuilder.forServer(own).sslProvider(SslProvider.JDK).protocols("TLSv1.3")
                .build();
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        certificates.setCertificateEntry("localhost", keys.getCertificate("localhost"));
        TrustManagerFactory trusted = TrustManagerFactory
                .getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trusted.init(certificates);
        clientContext = SSLContext.getInstance("TLSv1.3");
        clientContext.init(null, trusted.getTrustManagers(), null);
    }

    private static final class AddTls extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(serverContext.newHandler(channel.alloc()));
        }
    }

    @Test
    void lines_overTls_areEchoedUntilThePeerFinishes() throws Throwable {
        EventLoopGroup group = Transport.NIO.newGroup();
        CompletableFuture<ValueTaskChannel<ByteBuf, ByteBuf>> accepted = new CompletableFuture<>();
        Channel listener = new ServerBootstrap().group(group).channel(Transport.NIO.serverChannel)
                .childHandler(ValueTaskChannelInitializer.<ByteBuf, ByteBuf>onActive(new AddTls(),
                        accepted::complete))
                .bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        int port = ((InetSocketAddress) listener.localAddress()).getPort();
        try (SSLSocket peer = (SSLSocket) clientContext.getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port)) {
            peer.setSoTimeout(StreamLoopback.LIMIT_SECONDS * 1000);
            ChannelStream stream = new ChannelStream(
                    accepted.get(StreamLoopback.LIMIT_SECONDS, TimeUnit.SECONDS));
            BackgroundCall<Void> echo = BackgroundCall.start(Kind.VIRTUAL, () -> {
                echoPieces(stream);
                return null;
            });
            byte[] payload = Bytes.random(PAYLOAD, 1);
            BackgroundCall<Void> sender = RandomPeer.send(peer, payload, 20_000, 4, 1);

            assertThat(peer.getInputStream().readAllBytes()).isEqualTo(payload);

            assertThat(sender.result()).isNull();
            assertThat(echo.result()).isNull();
            assertThat(peer.getSession().getProtocol()).isEqualTo("TLSv1.3");
        } finally {
            group.shutdownGracefully(0, StreamLoopback.LIMIT_SECONDS, TimeUnit.SECONDS);
            assertThat(group.awaitTermination(StreamLoopback.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void echoPieces(ChannelStream stream) throws Exception {
        ByteBuf piece = Unpooled.buffer(5000);
        while (stream.read(piece.clear()).await() > 0) {
            stream.write(piece.retain()).await();
        }
        stream.flush().await();
        stream.close();
        stream.channel().closed().await();
    }
}
