package io.valuetask.perf;

/**
 * What one transfer measured.
 *
 * @param bytes how many went through, each checked to be in its place
 * @param elapsedNanos from the first one sent to the last one received
 * @param cost what the server used, its sampling taken off
 */
record ProxyWindow(long bytes, long elapsedNanos, ServerSample cost) {
    private static final double MEGABYTE = 1 << 20;

    double megabytesPerSecond() {
        return bytes / MEGABYTE * 1e9 / elapsedNanos;
    }

    double cpuNanosPerKilobyte() {
        return cost.cpuNanos() * 1024.0 / bytes;
    }

    double bytesPerMegabyte() {
        return cost.allocatedBytes() * MEGABYTE / bytes;
    }
}
