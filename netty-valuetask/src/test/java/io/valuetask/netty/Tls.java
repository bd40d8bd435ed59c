package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManagerFactory;

/** TLS 1.3 with the JDK's engine and a certificate for localhost, made by the JDK's own keytool for one test. */
final class Tls {
    private static final String PASSWORD = "changeit";

    private final SslContext server;
    private final SslContext client;

    private Tls(KeyStore keys) throws GeneralSecurityException, IOException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory trusted = TrustManagerFactory
                .getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        certificates.setCertificateEntry("localhost", keys.getCertificate("localhost"));
        trusted.init(certificates);
        server = SslContextBuilder.forServer(own).sslProvider(SslProvider.JDK).protocols("TLSv1.3").build();
        client = SslContextBuilder.forClient().trustManager(trusted).sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3").build();
    }

    static Tls create() throws GeneralSecurityException, IOException, InterruptedException {
        Path directory = Files.createTempDirectory("tls-test");
        Path file = directory.resolve("localhost.p12");
        try {
            Process keytool = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
                    "-alias", "localhost", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
                    "san=dns:localhost,ip:127.0.0.1", "-storetype", "PKCS12", "-storepass", PASSWORD,
                    "-keystore", file.toString()).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!keytool.waitFor(Call.LIMIT_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new AssertionError("keytool made no certificate: " + keytool);
            }
            return new Tls(KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray()));
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    void server(Channel channel) {
        channel.pipeline().addLast(server.newHandler(channel.alloc()));
    }

    void client(Channel channel) {
        channel.pipeline().addLast(client.newHandler(channel.alloc(), "localhost", -1));
    }

    static String protocolOf(ValueTaskChannel<?, ?> channel) {
        return channel.channel().pipeline().get(SslHandler.class).engine().getSession().getProtocol();
    }
}
