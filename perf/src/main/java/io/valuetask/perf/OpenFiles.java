package io.valuetask.perf;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * How many connections a process may have: each is an open file. The limit counts each process by itself, and the servers
 * have ours, so that it is the load that meets it first, which has the connections to all of them.
 */
final class OpenFiles {
    /** Libraries, logs, event loops, and what the JVM has open. */
    private static final int OTHERS = 200;

    private OpenFiles() {}

    /** As many as the system allows; a great number where it does not tell. */
    static long most() {
        return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    /** Why those connections cannot be, and what to do; null if they can. */
    static @Nullable String lacking(long connections, long most) {
        long needed = connections + OTHERS;
        return needed <= most
                ? null
                : "needs " + needed + " open files, and this process may have " + most
                        + ": raise that with ulimit -n, before java starts";
    }

    /** Fails where those connections cannot be. */
    static void require(long connections, long most) throws EchoFailure {
        String lacking = lacking(connections, most);
        if (lacking != null) {
            throw new EchoFailure(connections + " connections: " + lacking);
        }
    }
}
