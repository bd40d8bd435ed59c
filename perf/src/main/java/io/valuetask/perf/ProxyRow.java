package io.valuetask.perf;

/** One line of the table, one object of the JSON; the names of the components are the keys. README.md explains each. */
record ProxyRow(String workload, String mode, int megabytesPerWindow, double megabytesPerSecond,
        double cpuNanosPerKilobyte, double bytesPerMegabyte, double throughputRatioToRaw,
        double cpuRatioToRaw,
        int pairs, double throughputRatioMin, double throughputRatioMax, double cpuRatioMin,
        double cpuRatioMax) {}
