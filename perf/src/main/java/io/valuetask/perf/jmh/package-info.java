/** Microbenchmarks, from one operation of a source to a round trip over TCP, and what the gate measures of them. */
package io.valuetask.perf.jmh;
