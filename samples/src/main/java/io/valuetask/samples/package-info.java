/**
 * Small, complete servers to start from. Each {@code main} reads from top to bottom; what they share is in
 * {@link io.valuetask.samples.SampleServer}.
 */
package io.valuetask.samples;
