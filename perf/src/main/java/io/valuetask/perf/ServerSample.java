package io.valuetask.perf;

/**
 * What a server JVM has used since it started, or between two such moments.
 *
 * @param cpuNanos processor time of the whole process: event loop, virtual threads, and also the compiler's
 *         and the collector's threads
 * @param allocatedBytes heap bytes allocated by all threads, virtual ones included
 * @param collections garbage collections
 * @param contextSwitches of all threads, or {@link ContextSwitches#UNKNOWN}
 */
record ServerSample(long cpuNanos, long allocatedBytes, long collections, long contextSwitches) {
    ServerSample minus(ServerSample earlier) {
        boolean counted = contextSwitches >= 0 && earlier.contextSwitches >= 0;
        return new ServerSample(cpuNanos - earlier.cpuNanos, allocatedBytes - earlier.allocatedBytes,
                collections - earlier.collections,
                counted ? contextSwitches - earlier.contextSwitches : ContextSwitches.UNKNOWN);
    }

    /** Without what taking the samples has allocated. */
    ServerSample withoutBytes(long bytesOfSampling) {
        return new ServerSample(cpuNanos, Math.max(0, allocatedBytes - bytesOfSampling), collections,
                contextSwitches);
    }

    /** As one line of text, and back. */
    String format() {
        return cpuNanos + " " + allocatedBytes + " " + collections + " " + contextSwitches;
    }

    static ServerSample parse(String line) {
        String[] numbers = line.split(" ");
        if (numbers.length != 4) {
            throw new IllegalArgumentException("not a sample: '" + line + "'");
        }
        return new ServerSample(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]),
                Long.parseLong(numbers[2]), Long.parseLong(numbers[3]));
    }
}
