package io.valuetask.perf;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/**
 * What a server JVM holds.
 *
 * @param usedBytes heap bytes that are reachable, after a full collection
 * @param fullCollections full collections before this measurement, which makes some itself
 */
record ServerMemory(long usedBytes, long fullCollections) {
    /** Of the serial collector, which every server has, see {@link ServerProcess}. */
    private static final String FULL_COLLECTOR = "MarkSweepCompact";
    private static final int COLLECTIONS = 3;

    /** Of this JVM. */
    static ServerMemory measure() {
        long before = fullCollectionsSoFar();
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc(); // what has weak references only goes step by step
        }
        return new ServerMemory(ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(), before);
    }

    private static long fullCollectionsSoFar() {
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            if (collector.getName().equals(FULL_COLLECTOR)) {
                return collector.getCollectionCount();
            }
        }
        throw new IllegalStateException("not the serial collector");
    }

    /** How many there were between an earlier measurement and this one, without its own. */
    long fullCollectionsSince(ServerMemory earlier) {
        return fullCollections - earlier.fullCollections - COLLECTIONS;
    }

    /** As one line of text, and back. */
    String format() {
        return usedBytes + " " + fullCollections;
    }

    static ServerMemory parse(String line) {
        String[] numbers = line.split(" ");
        if (numbers.length != 2) {
            throw new IllegalArgumentException("not a memory measurement: '" + line + "'");
        }
        return new ServerMemory(Long.parseLong(numbers[0]), Long.parseLong(numbers[1]));
    }
}
