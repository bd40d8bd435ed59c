package io.valuetask.testing;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** Where all threads are, virtual ones too, for what hangs. */
public final class ThreadDump {
    private ThreadDump() {}

    /** The dump as the JDK writes it. */
    public static String text() throws IOException {
        Path directory = Files.createTempDirectory("threads");
        Path file = directory.resolve("dump.txt"); // must not exist
        try {
            ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class).dumpThreads(file.toString(),
                    ThreadDumpFormat.TEXT_PLAIN);
            return Files.readString(file);
        } finally {
            Files.deleteIfExists(file);
            Files.delete(directory);
        }
    }
}
