package io.valuetask.perf;

import com.sun.management.OperatingSystemMXBean;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;

/**
 * The processor time of this process. {@link OperatingSystemMXBean#getProcessCpuTime} counts it in ticks of
 * 10 ms on Linux, which is one percent of a window of a second; the kernel's own clock counts nanoseconds.
 * Both cover every thread of the process, living or ended.
 */
public final class ProcessCpuClock {
    private static final int CLOCK_PROCESS_CPUTIME_ID = 2; // Linux, every architecture

    private final OperatingSystemMXBean fallback = ManagementFactory
            .getPlatformMXBean(OperatingSystemMXBean.class);
    private final MemorySegment timespec = Arena.global().allocate(ValueLayout.JAVA_LONG, 2);
    private final MethodHandle clockGettime = findClockGettime();

    /** The time used so far. */
    public long nanos() {
        if (clockGettime != null) {
            try {
                int status = (int) clockGettime.invokeExact(CLOCK_PROCESS_CPUTIME_ID, timespec);
                if (status == 0) {
                    return timespec.getAtIndex(ValueLayout.JAVA_LONG, 0) * 1_000_000_000L
                            + timespec.getAtIndex(ValueLayout.JAVA_LONG, 1);
                }
            } catch (Throwable impossible) {
                throw new AssertionError(impossible);
            }
        }
        return fallback.getProcessCpuTime();
    }

    @SuppressWarnings("restricted")
    private static MethodHandle findClockGettime() {
        boolean linux64 = System.getProperty("os.name").equals("Linux")
                && ValueLayout.ADDRESS.byteSize() == Long.BYTES;
        if (!linux64) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor signature = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS);
        return linker.defaultLookup().find("clock_gettime")
                .map(symbol -> linker.downcallHandle(symbol, signature)).orElse(null);
    }
}
