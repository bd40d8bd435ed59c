package io.valuetask.samples.http;

import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;

/**
 * What a head must be so that everyone on its way reads the same request. What breaks these rules is refused and never
 * mended, and its connection is closed: what follows may be no request.
 */
final class RequestRules {
    private RequestRules() {}

    /** Of a head that the decoder could not read. */
    static HttpException undecoded(Throwable cause) {
        if (cause instanceof HttpException refusal) {
            return refusal;
        } else if (cause instanceof TooLongHttpLineException) {
            return HttpException.closing(HttpResponseStatus.REQUEST_URI_TOO_LONG,
                    "the request line is too long");
        } else if (cause instanceof TooLongHttpHeaderException || cause instanceof TooLongFrameException) {
            return HttpException.closing(HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                    "the headers are too long");
        }
        return malformed("this is no HTTP request");
    }

    private static HttpException malformed(String sentence) {
        return HttpException.closing(HttpResponseStatus.BAD_REQUEST, sentence);
    }

    static void check(HttpRequest head, long maxBody) throws HttpException {
        if (head instanceof RequestHead http1) {
            checkVersion(http1);
        }
        checkHost(head);
        checkTarget(head);
        if (head instanceof RequestHead http1 && http1.hasBody) {
            checkFraming(http1);
        }
        checkLength(head, maxBody);
    }

    private static void checkTarget(HttpRequest head) throws HttpException {
        String target = head.uri();
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c > '~' || c == '#') {
                throw malformed("the target has a character that it must not have");
            }
        }
        if (target.startsWith("/")) {
            return;
        } else if (head.method().equals(HttpMethod.CONNECT)) {
            throw HttpException.closing(HttpResponseStatus.NOT_IMPLEMENTED, "this is no proxy");
        } else if (!target.startsWith("http://") && !target.startsWith("https://")
                && !(target.equals("*") && head.method().equals(HttpMethod.OPTIONS))) {
            throw malformed("the target must begin with a slash");
        }
    }

    private static void checkVersion(RequestHead head) throws HttpException {
        boolean old = head.protocolVersion() == HttpVersion.HTTP_1_0;
        if (head.protocolVersion() != HttpVersion.HTTP_1_1 && !old) {
            throw HttpException.closing(HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED,
                    "this server speaks HTTP/1.1 and HTTP/1.0 here");
        } else if (head.hosts > 1 || (head.hosts == 0 && !old)) {
            throw malformed("one Host header is needed, and there are " + head.hosts);
        }
    }

    /** Who stands between may choose a server or a cached answer by it, and must not read another one than we do. */
    private static void checkHost(HttpRequest head) throws HttpException {
        String host = head.headers().get(HttpHeaderNames.HOST);
        if (host != null && !isHost(host)) {
            throw malformed("the Host header is not a name or an address, with a port or without");
        }
    }

    private static boolean isHost(String host) {
        boolean inBrackets = false;
        boolean inPort = false;
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (inPort) {
                if (c < '0' || c > '9') {
                    return false;
                }
            } else if (c == '[' ? i > 0 : c == ']' && !inBrackets) {
                return false;
            } else if (c == '[' || c == ']') {
                inBrackets = c == '[';
            } else if (c == ':') {
                inPort = !inBrackets;
            } else if (!isOfName(c)) {
                return false;
            }
        }
        return !inBrackets;
    }

    /** What a registered name may have. */
    private static boolean isOfName(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                || "-._~%!$&'()*+,;=".indexOf(c) >= 0;
    }

    /** Netty refuses a length beside a coding, and a coding that does not end with "chunked"; we know no other one. */
    private static void checkFraming(RequestHead head) throws HttpException {
        HttpHeaders headers = head.headers();
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (head.contentLengths > 1) {
            throw malformed("there is more than one Content-Length");
        } else if (codings.isEmpty()) {
            if (head.contentLengths == 0) {
                // Netty takes eight bytes for the body of what an early draft of WebSocket sent.
                throw malformed("there is a body without a length");
            }
        } else if (codings.size() > 1 || !HttpHeaderValues.CHUNKED.contentEqualsIgnoreCase(codings.get(0))) {
            throw HttpException.closing(HttpResponseStatus.NOT_IMPLEMENTED,
                    "the only transfer coding known here is 'chunked'");
        }
    }

    private static void checkLength(HttpRequest head, long maxBody) throws HttpException {
        if (head instanceof RequestHead http1 && !http1.hasBody) {
            return;
        }
        String length = head.headers().get(HttpHeaderNames.CONTENT_LENGTH);
        try {
            if (length != null && Long.parseLong(length) > maxBody) {
                throw tooLarge(maxBody);
            }
        } catch (NumberFormatException noNumber) {
            throw malformed("the Content-Length is no number");
        }
    }

    static HttpException tooLarge(long maxBody) {
        return HttpException.closing(HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE,
                "a body has at most " + maxBody + " bytes");
    }
}
