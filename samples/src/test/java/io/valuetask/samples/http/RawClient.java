package io.valuetask.samples.http;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A client that sends what it is told, byte by byte if need be, and reads answers strictly. */
final class RawClient implements AutoCloseable {
    private static final int TIMEOUT_MILLIS = 30_000;

    private final Socket socket;
    private final InputStream in;

    RawClient(int port) throws IOException {
        socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** An answer. Header names are in lower case. */
    record Answer(int status, Map<String, String> headers, byte[] body, Map<String, String> trailers) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    RawClient get(String target) throws IOException {
        return send("GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    }

    Socket socket() {
        return socket;
    }

    InputStream in() {
        return in;
    }

    Answer answer() throws IOException {
        return answer(true);
    }

    /** Of a HEAD request, say, which has no body whatever its headers say. */
    Answer answerWithoutBody() throws IOException {
        return answer(false);
    }

    private Answer answer(boolean withBody) throws IOException {
        String line = line();
        if (!line.startsWith("HTTP/1.1 ")) {
            throw new IOException("no status line: '" + line + "'");
        }
        int status = Integer.parseInt(line.substring(9, 12));
        Map<String, String> headers = headers();
        Map<String, String> trailers = Map.of();
        byte[] body = new byte[0];
        if (!withBody || status < 200 || status == 204 || status == 304) {
            return new Answer(status, headers, body, trailers);
        } else if ("chunked".equals(headers.get("transfer-encoding"))) {
            ByteArrayOutputStream gathered = new ByteArrayOutputStream();
            for (int size; (size = Integer.parseInt(line(), 16)) > 0;) {
                gathered.write(exactly(size));
                if (!line().isEmpty()) {
                    throw new IOException("a chunk is longer than it says");
                }
            }
            body = gathered.toByteArray();
            trailers = headers();
        } else if (headers.containsKey("content-length")) {
            body = exactly(Integer.parseInt(headers.get("content-length")));
        } else {
            body = in.readAllBytes();
        }
        return new Answer(status, headers, body, trailers);
    }

    byte[] exactly(int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new IOException("the body ended after " + bytes.length + " of " + size + " bytes");
        }
        return bytes;
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line; !(line = line()).isEmpty();) {
            int colon = line.indexOf(':');
            headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), line.substring(colon + 1).strip());
        }
        return headers;
    }

    String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int b = in.read();
            if (b == '\r') {
                if (in.read() != '\n') {
                    throw new IOException("a lone CR behind '" + line + "'");
                }
                return line.toString();
            } else if (b < 0) {
                throw new IOException("the connection ended behind '" + line + "'");
            }
            line.append((char) b);
        }
    }

    /** Whether the server ends the connection, and sends nothing before. A reset is an end, too. */
    boolean isEnded() throws IOException {
        try {
            return in.read() < 0;
        } catch (java.net.SocketException reset) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
