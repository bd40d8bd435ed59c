package io.valuetask.samples.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;

/** The head of a request. One object per connection: what it answers is of the request that is being handled. */
public final class Request {
    private static final int MOST_PARAMETERS = 100;

    private HttpRequest head;
    private String path;
    private final boolean http2;

    Request(boolean http2) {
        this.http2 = http2;
    }

    void begin(HttpRequest next) {
        head = next;
        path = pathOf(next.uri());
    }

    private static String pathOf(String target) {
        int start = 0;
        if (!target.startsWith("/")) { // http://host/path, as proxies ask
            int authority = target.indexOf("://");
            if (authority > 0) {
                start = target.indexOf('/', authority + 3);
                if (start < 0) {
                    return "/";
                }
            }
        }
        int query = target.indexOf('?', start);
        return start == 0 && query < 0
                ? target
                : target.substring(start, query < 0 ? target.length() : query);
    }

    public HttpMethod method() {
        return head.method();
    }

    /** The target without its query, as it was sent: not decoded. */
    public String path() {
        return path;
    }

    /** As it was sent. */
    public String target() {
        return head.uri();
    }

    public HttpHeaders headers() {
        return head.headers();
    }

    public boolean isHttp2() {
        return http2;
    }

    /** A parameter of the query, decoded; null if there is none. */
    public String query(String name) throws HttpException {
        try {
            List<String> values = QueryStringDecoder.builder().hasPath(true).maxParams(MOST_PARAMETERS)
                    .build(target()).parameters().get(name);
            return values == null ? null : values.get(0);
        } catch (IllegalArgumentException malformed) {
            throw new HttpException(HttpResponseStatus.BAD_REQUEST, "the query is malformed");
        }
    }

    /** A parameter of the query that is a number in bounds, or what is meant if it is not there. */
    public int query(String name, int unsaid, int least, int most) throws HttpException {
        String text = query(name);
        try {
            int number = text == null ? unsaid : Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException noNumber) {
            // is told below
        }
        throw new HttpException(HttpResponseStatus.BAD_REQUEST,
                "'" + name + "' must be a number from " + least + " to " + most);
    }

    HttpRequest head() {
        return head;
    }
}
