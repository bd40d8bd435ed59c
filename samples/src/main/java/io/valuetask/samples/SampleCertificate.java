package io.valuetask.samples;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;

/**
 * TLS for trying things out: a certificate for localhost that nobody else has signed. A client shakes hands once: who wants
 * another handshake on the same connection, which TLS 1.2 allows, loses it.
 */
public final class SampleCertificate {
    static {
        // It costs a client next to nothing to let a server sign again and again. The JDK's engine looks at this once, when
        // its classes are loaded, so it has to be early; Netty's SslHandler says nothing of such a handshake.
        System.getProperties().putIfAbsent("jdk.tls.rejectClientInitiatedRenegotiation", "true");
    }

    private SampleCertificate() {}

    /**
     * A server's context with a new key, for TLS 1.3 and 1.2 by the JDK's engine.
     *
     * @param protocols what clients may choose from by ALPN, the best first; none to leave ALPN out
     */
    public static SslContext serverContext(String... protocols) throws SampleException {
        try {
            X509Bundle certificate = new CertificateBuilder().subject("CN=localhost")
                    .setIsCertificateAuthority(true)
                    .addSanDnsName("localhost").addSanIpAddress("127.0.0.1").buildSelfSigned();
            SslContextBuilder context = SslContextBuilder.forServer(certificate.toKeyManagerFactory())
                    .sslProvider(SslProvider.JDK).protocols("TLSv1.3", "TLSv1.2");
            if (protocols.length > 0) {
                context.applicationProtocolConfig(new ApplicationProtocolConfig(Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT,
                        protocols));
            }
            return context.build();
        } catch (Exception failure) {
            throw new SampleException("cannot make a certificate", failure);
        }
    }

    /** A client's context that trusts whoever answers: for trying things out, and for nothing else. */
    static SslContext clientContext() throws SampleException {
        try {
            return SslContextBuilder.forClient().sslProvider(SslProvider.JDK)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE).build();
        } catch (Exception failure) {
            throw new SampleException("cannot set up TLS", failure);
        }
    }
}
