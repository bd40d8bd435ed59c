package io.valuetask.perf;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * How often the kernel has taken a processor from a thread of this process, or a thread has given it back to wait. Asked
 * of {@code getrusage}, which counts threads that have ended, too; the files of {@code /proc} forget those, and reading one
 * for each thread costs more than what is measured.
 */
final class ContextSwitches {
    /** Where nobody counts them. */
    static final long UNKNOWN = -1;

    private static final int RUSAGE_SELF = 0;
    // Two timevals of two words, then fourteen words, of which the last two are these: Linux, macOS and the BSDs alike.
    private static final int WORDS = 18;
    private static final int VOLUNTARY = 16;
    private static final int INVOLUNTARY = 17;

    private final MemorySegment usage = Arena.global().allocate(ValueLayout.JAVA_LONG, WORDS);
    private final MethodHandle getrusage = findGetrusage();

    /** So far, of both kinds. */
    long count() {
        if (getrusage == null) {
            return UNKNOWN;
        }
        try {
            int status = (int) getrusage.invokeExact(RUSAGE_SELF, usage);
            return status == 0
                    ? usage.getAtIndex(ValueLayout.JAVA_LONG, VOLUNTARY)
                            + usage.getAtIndex(ValueLayout.JAVA_LONG, INVOLUNTARY)
                    : UNKNOWN;
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    @SuppressWarnings("restricted")
    private static MethodHandle findGetrusage() {
        if (System.getProperty("os.name").startsWith("Windows")
                || ValueLayout.ADDRESS.byteSize() != Long.BYTES) {
            return null;
        }
        Linker linker = Linker.nativeLinker();
        FunctionDescriptor signature = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS);
        return linker.defaultLookup().find("getrusage")
                .map(symbol -> linker.downcallHandle(symbol, signature)).orElse(null);
    }
}
