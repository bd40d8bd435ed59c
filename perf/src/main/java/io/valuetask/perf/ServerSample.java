package io.valuetask.perf;

/**
 * What a server JVM has used since it started, or between two such moments.
 *
 * @param cpuNanos processor time of the whole process: event loop, virtual threads, and also the compiler's
 *         and the collector's threads
 * @param allocatedBytes heap bytes allocated by all threads, virtual ones included
 * @param collections garbage collections
 */
record ServerSample(long cpuNanos, long allocatedBytes, long collections) {
    ServerSample minus(ServerSample earlier) {
        return new ServerSample(cpuNanos - earlier.cpuNanos, allocatedBytes - earlier.allocatedBytes,
                collections - earlier.collections);
    }

    /** As one line of text, and back. */
    String format() {
        return cpuNanos + " " + allocatedBytes + " " + collections;
    }

    static ServerSample parse(String line) {
        String[] numbers = line.split(" ");
        if (numbers.length != 3) {
            throw new IllegalArgumentException("not a sample: '" + line + "'");
        }
        return new ServerSample(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2]));
    }
}
