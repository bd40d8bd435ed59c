/**
 * The harness: what the samples cost, next to Netty by hand; {@link io.valuetask.perf.load} loads any server,
 * {@link io.valuetask.perf.report} draws what was recorded.
 * {@code README.md} beside the sources tells how to run it and what the numbers mean.
 *
 * <pre>
 *   conductor JVM, pinned to the other processors        server JVMs, pinned to one, a JVM per mode
 *
 *   EchoCommand -&gt; EchoConductor --starts, samples--&gt;   ServerProbe -&gt; RawEchoServer, EchoServer, ...
 *                      |                                      ^
 *                      +-&gt; EchoLoad, one loop -----TCP--------+
 *                            EchoConnection * N
 * </pre>
 *
 * <p>The load runs in the conductor: between the windows the conductor only waits, and one JVM less means one
 * protocol less that could distort a measurement.
 */
package io.valuetask.perf;
