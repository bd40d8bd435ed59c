package io.valuetask.perf.load;

import java.net.URI;
import java.net.URISyntaxException;

/** What is loaded: a protocol, an address, and for HTTP a path. */
record Target(Protocol protocol, String host, int port, String path) {
    /** What is spoken. */
    enum Protocol {
        TCP_ECHO("TCP echo", false),
        TLS_ECHO("TLS echo", true),
        HTTP("HTTP/1.1", false),
        HTTPS("HTTPS/1.1",
                true),
        H2C("HTTP/2 in the clear, by prior knowledge", false),
        H2("HTTP/2 over TLS", true);

        private final String label;
        private final boolean tls;

        Protocol(String label, boolean tls) {
            this.label = label;
            this.tls = tls;
        }

        boolean tls() {
            return tls;
        }

        boolean echo() {
            return this == TCP_ECHO || this == TLS_ECHO;
        }

        boolean http2() {
            return this == H2C || this == H2;
        }

        @Override
        public String toString() {
            return label;
        }
    }

    /**
     * Reads a target as it stands on the command line.
     *
     * @throws IllegalArgumentException says in one sentence what is wrong with it
     */
    static Target parse(String text, boolean http2) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException wrong) {
            throw new IllegalArgumentException("the target is no address: " + wrong.getMessage(), wrong);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme();
        Protocol protocol = switch (scheme) {
            case "tcp" -> Protocol.TCP_ECHO;
            case "tls" -> Protocol.TLS_ECHO;
            case "http" -> http2 ? Protocol.H2C : Protocol.HTTP;
            case "https" -> http2 ? Protocol.H2 : Protocol.HTTPS;
            default ->
                throw new IllegalArgumentException("the target must begin with tcp://, tls://, http:// or"
                        + " https://, and does not: '" + text + "'");
        };
        if (http2 && protocol.echo()) {
            throw new IllegalArgumentException("--http2 is for http:// and https://, not for '" + text + "'");
        }
        String host = uri.getHost();
        if (host == null) {
            throw new IllegalArgumentException("the target has no host: '" + text + "'");
        }
        int port = uri.getPort() >= 0 ? uri.getPort() : protocol.echo() ? -1 : protocol.tls() ? 443 : 80;
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("the target needs a port from 1 to 65535: '" + text + "'");
        }
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        if (protocol.echo() && !path.equals("/")) {
            throw new IllegalArgumentException("an echo target has no path: '" + text + "'");
        }
        String query = uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        return new Target(protocol, bare, port, path + query);
    }

    /** Host and port, as an HTTP request names them. */
    String authority() {
        String literal = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        boolean usual = port == (protocol.tls() ? 443 : 80);
        return usual ? literal : literal + ":" + port;
    }

    @Override
    public String toString() {
        String scheme = switch (protocol) {
            case TCP_ECHO -> "tcp";
            case TLS_ECHO -> "tls";
            case HTTP, H2C -> "http";
            case HTTPS, H2 -> "https";
        };
        String literal = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return scheme + "://" + literal + ":" + port + (protocol.echo() ? "" : path);
    }
}
