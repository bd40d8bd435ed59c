package io.valuetask.perf;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.jspecify.annotations.Nullable;

/**
 * Where connections come from that are opened and closed again and again. A port stays taken for a minute after a
 * connection to the same server has been closed, so that ten thousand could come but twice or three times in a minute, from
 * one address. On Linux everything that begins with 127 is an address of the machine, each with all its ports.
 */
final class LoopbackSources {
    /** As many as end up in one minute only with less than a quarter of a second for each load. */
    private static final int SOURCES = 250;

    private final boolean many = InetAddress.getLoopbackAddress() instanceof Inet4Address
            && System.getProperty("os.name").equals("Linux");
    private int next;

    /** In turns; null where the system has to choose, since there is but one. */
    @Nullable
    InetSocketAddress next() {
        if (!many) {
            return null;
        }
        byte last = (byte) (2 + next++ % SOURCES);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(new byte[]{127, 0, 0, last}), 0);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
