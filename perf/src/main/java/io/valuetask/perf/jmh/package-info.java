/** Microbenchmarks of the core, and the gate that keeps it free of allocation. */
package io.valuetask.perf.jmh;
