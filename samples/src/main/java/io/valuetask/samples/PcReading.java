package io.valuetask.samples;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * How busy this machine is at a moment.
 *
 * @param cpuPercent what of all processors' time was used lately, 0 to 100
 * @param memoryPercent what of the memory is in use, 0 to 100
 */
record PcReading(int cpuPercent, int memoryPercent) {
    private static final OperatingSystemMXBean SYSTEM = (OperatingSystemMXBean) ManagementFactory
            .getOperatingSystemMXBean();

    /** Reads what the system says at this moment. */
    static PcReading now() {
        double cpu = Math.max(0, SYSTEM.getCpuLoad()); // negative if it is not known yet
        double free = (double) SYSTEM.getFreeMemorySize() / SYSTEM.getTotalMemorySize();
        return new PcReading((int) (100 * cpu), (int) (100 * (1 - free)));
    }

    @Override
    public String toString() {
        return "cpu " + cpuPercent + " %, memory " + memoryPercent + " %";
    }
}
