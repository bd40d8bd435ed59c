/**
 * An HTTP server in straight lines, on Netty's codecs: {@link io.valuetask.samples.http.Sample15HttpServer} runs it.
 *
 * <h2>What a request goes through</h2>
 *
 * <pre>
 *   ServerConnection    which protocol? the TLS handshake, or the first bytes, tell
 *        |
 *   Http1Connection     one body per connection: head, answer, rest of the body, next head; so answers keep their order
 *   Http2Connection     one body per stream, and one for the connection, which waits for its end
 *        |
 *   RequestRunner       refuses what RequestRules do not like, calls the handler, ends what it has begun
 *        |
 *   Router              path and method
 *        |
 *   HttpHandler         your code: reads a {@link io.valuetask.samples.http.Request}, answers by an
 *                       {@link io.valuetask.samples.http.Exchange}
 * </pre>
 *
 * <p>{@link io.valuetask.samples.http.RequestDecoder} is Netty's decoder, and refuses what that one lets pass and what
 * two servers may read differently. No body is gathered: a handler reads its parts one by one and writes its own, and waits
 * while there are none, or no room. Every wait for the peer has its bound, see
 * {@link io.valuetask.samples.http.HttpSettings}. There is one TLS handshake for a connection, see
 * {@link io.valuetask.samples.SampleCertificate}, and who takes nothing is not read below TLS.
 *
 * <h2>What a client learns when something breaks</h2>
 *
 * <p>What goes wrong before the answer has begun is answered: what is wrong with the request by a 4xx, a handler that failed
 * by a 500. Behind its status line an answer cannot be taken back, and {@code /echo} begins its own when the first part of the
 * body is there. If the rest is malformed, too long, too slow or missing, the connection ends without the last chunk of the
 * answer, or in HTTP/2 the stream is reset: so the client knows that what it has is not the whole.
 *
 * <h2>Who owns a buffer</h2>
 *
 * <p>What {@code readBody} returns is the handler's, who releases it or writes it. What is given to {@code write} and
 * {@code send} is the exchange's from the call on, whatever happens.
 */
package io.valuetask.samples.http;
