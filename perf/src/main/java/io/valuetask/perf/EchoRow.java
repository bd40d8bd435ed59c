package io.valuetask.perf;

import com.fasterxml.jackson.annotation.JsonIgnore;

/**
 * One line of the table, one object of the JSON; the names of the components are the keys. README.md explains
 * each. The last is for the reader of the table only. {@code contextSwitchesPerOp} is null where nobody counts them.
 */
record EchoRow(String workload, String mode, int connections, int payloadBytes, int pipelining,
        double opsPerSecond, double cpuNanosPerOp, double bytesPerOp, double p50Micros, double p99Micros,
        double p999Micros, double cpuRatioToRaw, double bytesAboveRaw, int pairs, double cpuRatioMin,
        double cpuRatioMax, long collections, Double contextSwitchesPerOp, boolean openedForEachWindow,
        @JsonIgnore double maxMicros) {}
