package io.valuetask.samples.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/** A request is answered with a status that says why it is not done. */
public final class HttpException extends Exception {
    private static final long serialVersionUID = 1L;

    private final int code;
    private final boolean closing;

    /** The connection goes on. */
    public HttpException(HttpResponseStatus status, String sentence) {
        this(status, sentence, false);
    }

    private HttpException(HttpResponseStatus status, String sentence, boolean closing) {
        super(sentence, null, false, false); // hostile peers may cause many; a stack would cost more than the answer
        this.code = status.code();
        this.closing = closing;
    }

    /** Where the request ends is not known, so that the connection is closed behind the answer. */
    static HttpException closing(HttpResponseStatus status, String sentence) {
        return new HttpException(status, sentence, true);
    }

    HttpResponseStatus status() {
        return HttpResponseStatus.valueOf(code);
    }

    boolean isClosing() {
        return closing;
    }
}
