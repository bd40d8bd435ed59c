package io.valuetask.netty;

import io.valuetask.netty.OperationTally.Counts;
import io.valuetask.netty.OperationTally.Kind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/**
 * What a soak came to.
 *
 * @param openChannels how many were not closed
 * @param leaks what the leak detector reported
 * @param directInUse bytes of buffers that were not released
 * @param directReserved what the allocator keeps for later
 * @param directMost the most that it has kept
 */
record SoakReport(OperationTally tally, Map<SoakEnding, LongAdder> endings, int openChannels,
        List<String> leaks, long directInUse, long directReserved, long directMost) {
    private static final String ROW = "%-16s %12s %12s %12s %12s%n";
    /** A few dozen channels, each of which keeps what its bounds and the transport's buffers permit. */
    private static final long DIRECT_LIMIT = 128L * 1024 * 1024;

    /** Empty if all is well. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            if (!tally.counts(kind).agree()) {
                problems.add(kind + ": started is not succeeded + failed + cancelled");
            }
        }
        if (tally.started() == 0) {
            problems.add("nothing was ever started");
        }
        tally.inFlight().forEach(operation -> problems.add("has not ended: " + operation));
        tally.mistakes().forEach(mistake -> problems.add(stackTrace(mistake)));
        leaks.forEach(leak -> problems.add("leaked: " + leak));
        if (openChannels != 0) {
            problems.add("open channels: " + openChannels);
        }
        if (directInUse != 0) {
            problems.add("bytes of buffers that were not released: " + directInUse);
        }
        if (directMost > DIRECT_LIMIT) {
            problems.add("direct memory: " + mebibytes(directMost) + " (expected: at most "
                    + mebibytes(DIRECT_LIMIT) + ")");
        }
        return problems;
    }

    private static String stackTrace(Throwable failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f MiB", bytes / 1024.0 / 1024);
    }

    @Override
    public String toString() {
        StringWriter text = new StringWriter();
        PrintWriter table = new PrintWriter(text);
        table.printf(ROW, "operation", "started", "succeeded", "failed", "cancelled");
        for (Kind kind : Kind.values()) {
            Counts counts = tally.counts(kind);
            table.printf(ROW, kind, counts.started, counts.succeeded, counts.failed, counts.cancelled);
        }
        table.println("endings: " + endings);
        table.println("open channels: " + openChannels + ", leaked buffers: " + leaks.size()
                + ", operations that have not ended: " + tally.inFlight().size());
        table.println(
                "direct memory: 0 at the start, " + mebibytes(directMost) + " reserved at most; in the end "
                        + mebibytes(directReserved) + " reserved, " + directInUse + " bytes in buffers");
        problems().forEach(problem -> table.println("PROBLEM " + problem));
        return text.toString();
    }
}
