package io.valuetask.perf;

import java.lang.management.GarbageCollectorMXBean;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A collector of the JDK, by the bean that counts those of its collections that look at the whole heap. One that stops the
 * server for as long is a full collection. The concurrent ones have none that is counted by itself: their cycles go by
 * another name, since the server goes on meanwhile.
 */
enum HeapCollector {
    SERIAL("MarkSweepCompact", true),
    PARALLEL("PS MarkSweep", true),
    /** Its concurrent marking, {@code G1 Concurrent GC}, is no full collection; the one that stops is what follows when it comes too late. */
    G1("G1 Old Generation", true),
    /** Those of the whole heap; the minor ones are of young objects. */
    Z("ZGC Major Cycles", false),
    /** All of them: what it counts, also those that had to stop the server to get done. */
    SHENANDOAH("Shenandoah Cycles", false);

    private final String bean;
    private final boolean stops;

    HeapCollector(String bean, boolean stops) {
        this.bean = bean;
        this.stops = stops;
    }

    /**
     * The one that a JVM runs with.
     *
     * @param beans names of all its collectors' beans
     * @throws EchoFailure if it is none of these
     */
    static HeapCollector of(List<String> beans) throws EchoFailure {
        for (HeapCollector collector : values()) {
            if (beans.contains(collector.bean)) {
                return collector;
            }
        }
        throw new EchoFailure(
                "its JVM has a garbage collector whose collections of the whole heap nobody knows"
                        + " how to count: the beans are " + beans + ", and known are "
                        + Arrays.stream(values()).map(known -> known.bean).collect(Collectors.joining(", "))
                        + "; choose another one with --server-jvm-arg, such as -XX:+UseSerialGC");
    }

    /** Of the whole heap, so far. */
    long count(List<GarbageCollectorMXBean> beans) {
        return beans.stream().filter(one -> one.getName().equals(bean)).findFirst().orElseThrow()
                .getCollectionCount();
    }

    /** Whether what is counted stops the server, from its beginning to its end. */
    boolean stops() {
        return stops;
    }

    String bean() {
        return bean;
    }

    /** The heading of a column of counts. */
    String heading() {
        return stops ? "full collections" : "concurrent cycles";
    }

    /** What is counted, for a footnote. */
    String meaning() {
        return "what '" + bean + "' counts" + switch (this) {
            case SERIAL, PARALLEL -> ", each of which stops the server";
            case G1 -> ", each of which stops the server; 'G1 Concurrent GC' does not count";
            case Z ->
                ": the server goes on during most of it; whether it had to wait for memory is not in it";
            case SHENANDOAH ->
                ": the server goes on during most of it; those that stopped it are not told apart";
        };
    }
}
