package io.valuetask.perf;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The {@code main} of each measured JVM: runs the {@code main} of one server, then answers each line
 * {@code sample} on standard input with one {@link ServerSample} on standard output, and each {@code memory} with a
 * {@link ServerMemory}. Ends when standard input does, so that no server survives its conductor, however that one died.
 */
final class ServerProbe {
    static final String SAMPLE = "sample";
    /** Asks for a {@link ServerMemory}. */
    static final String MEMORY = "memory";
    /** Begins each answer: the JVM may have something to say, too. */
    static final String ANSWER = "answer ";

    private static final ProcessCpuClock CPU = new ProcessCpuClock();
    private static final ContextSwitches SWITCHES = new ContextSwitches();
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final List<GarbageCollectorMXBean> COLLECTORS = ManagementFactory
            .getGarbageCollectorMXBeans();

    private ServerProbe() {}

    public static void main(String[] arguments) throws Exception {
        Mode.of(Workload.valueOf(arguments[0]), arguments[1])
                .start(Arrays.copyOfRange(arguments, 2, arguments.length));

        BufferedReader commands = new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String command; (command = commands.readLine()) != null;) {
            System.out.println(ANSWER
                    + (command.equals(MEMORY) ? ServerMemory.measure().format() : sample().format()));
        }
        System.exit(0);
    }

    private static ServerSample sample() {
        long collections = 0;
        for (GarbageCollectorMXBean collector : COLLECTORS) {
            collections += collector.getCollectionCount();
        }
        return new ServerSample(CPU.nanos(), THREADS.getTotalThreadAllocatedBytes(), collections,
                SWITCHES.count());
    }
}
