package io.valuetask.perf;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * What a server JVM holds.
 *
 * @param collector of that JVM
 * @param usedBytes heap bytes that are reachable
 * @param collectionsBefore collections of the whole heap before this measurement, as {@code collector} counts them
 * @param collectionsAfter and behind it: it makes some itself
 */
record ServerMemory(HeapCollector collector, long usedBytes, long collectionsBefore, long collectionsAfter) {
    private static final int COLLECTIONS = 3;

    /**
     * Of this JVM.
     *
     * @throws EchoFailure if its collector is not known, or does not collect when it is asked to
     */
    static ServerMemory measure() throws EchoFailure {
        List<GarbageCollectorMXBean> beans = ManagementFactory.getGarbageCollectorMXBeans();
        HeapCollector collector = HeapCollector
                .of(beans.stream().map(GarbageCollectorMXBean::getName).toList());
        long before = collector.count(beans);
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc(); // what has weak references only goes step by step
        }
        long made = collector.count(beans) - before;
        if (made < COLLECTIONS) {
            throw new EchoFailure(COLLECTIONS + " calls of System.gc() made " + made
                    + " collections of the whole heap, counted by '" + collector.bean()
                    + "', so that what is reachable is not known; take flags such as -XX:+DisableExplicitGC"
                    + " and -XX:+ExplicitGCInvokesConcurrent out of --server-jvm-arg");
        }
        long used = collector.stops()
                ? ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed()
                : reachableBytes();
        return new ServerMemory(collector, used, before, collector.count(beans));
    }

    /**
     * The sum of a class histogram. What a concurrent collector calls used is pages or regions, with garbage in them
     * that it has left where it was.
     */
    private static long reachableBytes() throws EchoFailure {
        try {
            String histogram = (String) ManagementFactory.getPlatformMBeanServer().invoke(
                    new ObjectName("com.sun.management:type=DiagnosticCommand"), "gcClassHistogram",
                    new Object[]{new String[0]}, new String[]{String[].class.getName()});
            return totalBytes(histogram);
        } catch (JMException failure) {
            throw new EchoFailure(
                    "its JVM gives no class histogram, which tells what is reachable: " + failure
                            + "; choose a collector that stops, such as -XX:+UseSerialGC",
                    failure);
        }
    }

    /** Of the last line, such as {@code Total 12 3456}. */
    static long totalBytes(String histogram) throws EchoFailure {
        String last = histogram.strip().substring(histogram.strip().lastIndexOf('\n') + 1);
        String[] words = last.split("\\s+");
        if (words.length != 3 || !words[0].equals("Total")) {
            throw new EchoFailure("its class histogram ends with '" + last + "' and not with a total;"
                    + " choose a collector that stops, such as -XX:+UseSerialGC");
        }
        return Long.parseLong(words[2]);
    }

    /** How many there were between an earlier measurement and this one, without those of either. */
    long collectionsSince(ServerMemory earlier) {
        return collectionsBefore - earlier.collectionsAfter;
    }

    /** As one line of text, and back. */
    String format() {
        return collector + " " + usedBytes + " " + collectionsBefore + " " + collectionsAfter;
    }

    static ServerMemory parse(String line) {
        String[] words = line.split(" ");
        if (words.length != 4) {
            throw new IllegalArgumentException("not a memory measurement: '" + line + "'");
        }
        return new ServerMemory(HeapCollector.valueOf(words[0]), Long.parseLong(words[1]),
                Long.parseLong(words[2]), Long.parseLong(words[3]));
    }
}
