package io.valuetask.samples.http;

/**
 * Answers requests, in straight lines: on a virtual thread of the connection or the HTTP/2 stream, where it may wait.
 *
 * <p>{@code Request} and {@code Exchange} are its own until it returns, and then serve the next request. What it has begun
 * to answer is ended for it; if it throws before, the answer is a 500, or the status of an {@link HttpException}.
 */
@FunctionalInterface
public interface HttpHandler {
    void handle(Request request, Exchange exchange) throws Exception;
}
