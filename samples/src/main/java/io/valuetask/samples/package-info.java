/**
 * Small, complete programs to start from, numbered in the order to read them; {@code samples/README.md} is the tour.
 * Each file begins with the command that runs it and ends with what that printed. What they share, options, event
 * loops, TLS and a clean end, is in {@link io.valuetask.samples.SampleServer} and the other classes whose names begin
 * with {@code Sample} and no number; the three monitors share {@link io.valuetask.samples.PcSampler}.
 */
package io.valuetask.samples;
