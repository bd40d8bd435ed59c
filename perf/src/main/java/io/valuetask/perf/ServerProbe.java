package io.valuetask.perf;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The {@code main} of each measured JVM: runs the {@code main} of one server, then answers each line
 * {@code sample} on standard input with one {@link ServerSample} on standard output, each {@code memory} with a
 * {@link ServerMemory}, and collects the heap at each {@code collect}. Ends when standard input does, so that no server survives its conductor, however that one died.
 *
 * <p>Whatever fails here ends the JVM, with one line that says why: event loops would keep it alive, without anybody who
 * answers.
 */
final class ServerProbe {
    static final String SAMPLE = "sample";
    /** Asks for a {@link ServerMemory}. */
    static final String MEMORY = "memory";
    /** Asks to collect the heap; the answer is another {@link ServerSample}. */
    static final String COLLECT = "collect";
    /** Begins each answer: the JVM may have something to say, too. */
    static final String ANSWER = "answer ";
    /** Begins the last line of a server that cannot go on, and says why. */
    static final String FAILURE = "failure ";

    private static final int FAILED = 1;
    private static final ProcessCpuClock CPU = new ProcessCpuClock();
    private static final ContextSwitches SWITCHES = new ContextSwitches();
    private static final ThreadMXBean THREADS = ManagementFactory.getPlatformMXBean(ThreadMXBean.class);
    private static final List<GarbageCollectorMXBean> COLLECTORS = ManagementFactory
            .getGarbageCollectorMXBeans();

    private ServerProbe() {}

    public static void main(String[] arguments) {
        try {
            serve(arguments);
        } catch (EchoFailure failure) {
            fail(failure.getMessage());
        } catch (Throwable failure) {
            failure.printStackTrace();
            fail(failure.toString());
        }
        System.exit(0);
    }

    private static void serve(String[] arguments) throws Exception {
        Mode.of(Workload.valueOf(arguments[0]), arguments[1])
                .start(Arrays.copyOfRange(arguments, 2, arguments.length));

        BufferedReader commands = new BufferedReader(
                new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String command; (command = commands.readLine()) != null;) {
            System.out.println(ANSWER + answer(command));
        }
    }

    private static String answer(String command) throws EchoFailure {
        return switch (command) {
            case MEMORY -> ServerMemory.measure().format();
            case COLLECT -> {
                System.gc();
                yield sample().format();
            }
            default -> sample().format();
        };
    }

    /** At once, since a server that is broken might also not shut down. */
    private static void fail(String why) {
        System.out.println(FAILURE + why.lines().collect(Collectors.joining(" ")));
        System.out.flush();
        Runtime.getRuntime().halt(FAILED);
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
