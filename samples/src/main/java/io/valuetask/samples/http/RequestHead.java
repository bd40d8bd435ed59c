package io.valuetask.samples.http;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpVersion;

/** The head of a request of HTTP/1, and what the decoder has seen that the headers do not tell any more. */
final class RequestHead extends DefaultHttpRequest {
    /** If not, nothing else comes of this request. */
    boolean hasBody;
    int hosts;
    int contentLengths;

    RequestHead(HttpVersion version, HttpMethod method, String target, HttpHeaders headers) {
        super(version, method, target, headers);
    }
}
