package io.valuetask.schedule;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.reflect.AccessFlag;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * H26, H31: no monitor stands between a loop and its threads, since before JDK 25.0.4 a virtual thread that waits for one can
 * be forgotten (JDK-8373120), and since a loop must not wait for its own threads.
 */
class NoMonitorTest {
    private static List<String> monitorsOf(ClassModel type) {
        List<String> found = new ArrayList<>();
        type.methods().forEach(method -> {
            boolean enters = method.flags().has(AccessFlag.SYNCHRONIZED) || method.code().stream()
                    .flatMap(code -> code.elementStream()).anyMatch(MonitorInstruction.class::isInstance);
            if (enters) {
                found.add(type.thisClass().asInternalName() + "." + method.methodName().stringValue());
            }
        });
        return found;
    }

    private static ClassModel parse(Path file) {
        try {
            return ClassFile.of().parse(file);
        } catch (IOException failed) {
            throw new AssertionError(failed);
        }
    }

    @Test
    void classesThatCarry_enterNoMonitor() throws Exception {
        Path classes = Path
                .of(EventLoopCarrier.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .resolve("io/valuetask/schedule");
        try (Stream<Path> files = Files.list(classes)) {
            List<Path> all = files.filter(file -> file.toString().endsWith(".class")).toList();
            assertThat(all).as("found at all").hasSizeGreaterThan(5);
            assertThat(all.stream().flatMap(file -> monitorsOf(parse(file)).stream())).isEmpty();
        }
    }

    private static synchronized int planted(Object monitor) {
        synchronized (monitor) {
            return 1;
        }
    }

    @Test
    void monitors_whichArePlanted_areFound() throws Exception {
        assertThat(planted(this)).isEqualTo(1);
        Path own = Path.of(NoMonitorTest.class.getProtectionDomain().getCodeSource().getLocation().toURI())
                .resolve("io/valuetask/schedule/NoMonitorTest.class");
        assertThat(monitorsOf(parse(own))).containsExactly("io/valuetask/schedule/NoMonitorTest.planted");
    }
}
