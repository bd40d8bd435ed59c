/**
 * The generator of load: {@code load} and {@code merge}. Written on netty-valuetask, so that it is also a client of the
 * kind that its users write.
 *
 * <pre>
 *   LoadCommand -&gt; LoadRun -&gt; LoadLoop, one per event loop -&gt; LoadConnection * N, a body each
 *                     |           Schedule: what is due            EchoConnection, Http1Connection
 *                     |           LoopTally: what became of it     Http2Connection: a body per stream, too
 *                     v
 *                 LoadResult -&gt; LoadTable, LoadJson, LoadHtml      MergeCommand: LoadJson * N -&gt; LoadMerge
 * </pre>
 *
 * <p>An event loop carries its bodies, and fires what is due itself; so a loop shares nothing with the others, and has
 * no lock. What was counted is taken together when all bodies have ended.
 */
package io.valuetask.perf.load;
