package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
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

/** TLS 1.3 with the JDK's engine and a certificate for localhost, made by the JDK's own keytool for all tests. */
final class Tls {
    private static final String PASSWORD = "changeit";
    /** Of what a busy machine may be slow at. */
    private static final long LIMIT_SECONDS = 60;

    /** Made by the first test that needs it: it takes longer than most tests. */
    private static final class Holder {
        static final KeyStore KEYS = make();
        static final Tls TLS = speaking();

        private static KeyStore make() {
            try {
                return makeKeys();
            } catch (Exception failure) {
                throw new AssertionError("no certificate", failure);
            }
        }
    }

    private final SslContext server;
    private final SslContext client;

    private Tls(KeyStore keys, String... protocols) throws GeneralSecurityException, IOException {
        KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        own.init(keys, PASSWORD.toCharArray());
        TrustManagerFactory trusted = TrustManagerFactory
                .getInstance(TrustManagerFactory.getDefaultAlgorithm());
        KeyStore certificates = KeyStore.getInstance("PKCS12");
        certificates.load(null, null);
        certificates.setCertificateEntry("localhost", keys.getCertificate("localhost"));
        trusted.init(certificates);
        ApplicationProtocolConfig chosen = protocols.length == 0
                ? ApplicationProtocolConfig.DISABLED
                : new ApplicationProtocolConfig(Protocol.ALPN, SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT, protocols);
        server = SslContextBuilder.forServer(own).sslProvider(SslProvider.JDK).protocols("TLSv1.3")
                .applicationProtocolConfig(chosen).build();
        client = SslContextBuilder.forClient().trustManager(trusted).sslProvider(SslProvider.JDK)
                .protocols("TLSv1.3").applicationProtocolConfig(chosen).build();
    }

    static Tls shared() {
        return Holder.TLS;
    }

    /** Both sides offer these protocols by ALPN, the best first. */
    static Tls speaking(String... protocols) {
        try {
            return new Tls(Holder.KEYS, protocols);
        } catch (GeneralSecurityException | IOException failure) {
            throw new AssertionError(failure);
        }
    }

    private static KeyStore makeKeys() throws GeneralSecurityException, IOException, InterruptedException {
        Path directory = Files.createTempDirectory("tls-test");
        Path file = directory.resolve("localhost.p12");
        try {
            Process keytool = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(), "-genkeypair",
                    "-alias", "localhost", "-keyalg", "EC", "-dname", "CN=localhost", "-ext",
                    "san=dns:localhost,ip:127.0.0.1", "-storetype", "PKCS12", "-storepass", PASSWORD,
                    "-keystore", file.toString()).redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!keytool.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS) || keytool.exitValue() != 0) {
                throw new AssertionError("keytool made no certificate: " + keytool);
            }
            return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
    }

    void server(Channel channel) {
        channel.pipeline().addLast(patient(server.newHandler(channel.alloc())));
    }

    void client(Channel channel) {
        channel.pipeline().addLast(patient(client.newHandler(channel.alloc(), "localhost", -1)));
    }

    private static SslHandler patient(SslHandler handler) {
        handler.setHandshakeTimeout(LIMIT_SECONDS, TimeUnit.SECONDS);
        return handler;
    }

    static String protocolOf(ValueTaskChannel<?, ?> channel) {
        return channel.channel().pipeline().get(SslHandler.class).engine().getSession().getProtocol();
    }
}
