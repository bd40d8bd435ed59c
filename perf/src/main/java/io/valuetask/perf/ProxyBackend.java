package io.valuetask.perf;

import java.net.InetAddress;
import java.net.InetSocketAddress;

/** Where the proxies of a run connect to: told to their JVMs, since their command line is that of all servers. */
final class ProxyBackend {
    private static final String PROPERTY = "io.valuetask.perf.backendPort";

    private ProxyBackend() {}

    /** For the command line of a server's JVM. */
    static String flag(int port) {
        return "-D" + PROPERTY + "=" + port;
    }

    static InetSocketAddress address() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.getInteger(PROPERTY));
    }
}
