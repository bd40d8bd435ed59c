// $ java -jar samples/target/netty-valuetask-samples.jar pc-monitor-reusable
package io.valuetask.samples;

import io.valuetask.CancellationToken;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import java.lang.reflect.Field;
import java.lang.reflect.Member;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.concurrent.CancellationException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/**
 * The monitor of {@link Sample06PcMonitorByHand} on the library's reusable source. The lock, the status, the result, the
 * continuation and the three methods are gone; cancellation, timeouts, executors for continuations and refusals that
 * always come are there.
 */
@Command(name = "pc-monitor-reusable", mixinStandardHelpOptions = true, description = "The same on the library's reusable source: what disappears.")
public final class Sample07PcMonitorReusable implements SampleCommand {
    public static void main(String... arguments) {
        Samples.run(new Sample07PcMonitorReusable(), arguments);
    }

    @Override
    public void run() throws Exception {
        describe("by hand: ", Sample06PcMonitorByHand.PcMonitor.class);
        describe("reusable:", PcMonitor.class);
        try (PcMonitor monitor = new PcMonitor()) {
            monitor.start();
            for (int i = 0; i < 3; i++) {
                System.out.println(monitor.next(CancellationToken.NONE).await());
            }
            cancel(monitor);
            awaitTwice(monitor);
        }
    }

    private static void describe(String name, Class<?> monitor) {
        Field[] fields = monitor.getDeclaredFields();
        Method[] methods = monitor.getDeclaredMethods();
        System.out.println(name + " fields " + names(fields) + "\n          methods " + names(methods));
    }

    private static String names(Member... members) {
        return Arrays.stream(members).filter(member -> !member.isSynthetic()).map(Member::getName).sorted()
                .collect(Collectors.joining(", "));
    }

    private static void cancel(PcMonitor monitor) throws Exception {
        try (CancellationTokenSource giveUp = new CancellationTokenSource()) {
            giveUp.cancel();
            ValueTask<PcReading> task = monitor.next(giveUp.token());
            task.await();
        } catch (CancellationException canceled) {
            System.out.println("given up: " + canceled.getMessage());
        }
    }

    private static void awaitTwice(PcMonitor monitor) throws Exception {
        ValueTask<PcReading> old = monitor.next(CancellationToken.NONE);
        old.await();
        try {
            old.await();
        } catch (ValueTaskMisuseException refusal) {
            System.out.println("awaited again: " + refusal.getMessage());
        }
    }

    /** The monitor: one operation at a time. */
    static final class PcMonitor implements AutoCloseable {
        private final PcSampler sampler = new PcSampler(this::publish);
        private final ManualResetValueTaskSource<PcReading> source = new ManualResetValueTaskSource<>();

        /** The operation that was started last. A sampler that still sees the one before is refused, and harms nobody. */
        private volatile long token;

        /** Written before the close looks at the token, and read after next has written that: one sees the other. */
        private volatile boolean closed;

        void start() {
            sampler.start();
        }

        /** The next reading that is taken; await it before the next call. */
        ValueTask<PcReading> next(CancellationToken cancellation) {
            long armed = source.arm(cancellation);
            token = armed;
            if (closed) {
                source.tryCompleteExceptionally(armed, new CancellationException("the monitor is closed"));
            }
            return ValueTask.fromSource(source, armed);
        }

        /** The sampler's side. A reading that nobody has asked for is dropped. */
        void publish(PcReading reading) {
            source.tryComplete(token, reading);
        }

        @Override
        public void close() {
            sampler.close();
            closed = true;
            source.tryCompleteExceptionally(token, new CancellationException("the monitor is closed"));
        }
    }
}
/*
by hand:  fields closed, continuation, continuationState, lock, log, reading, sampler, status, token
          methods close, complete, getResult, getStatus, next, onCompleted, publish, requireCurrent, start
reusable: fields closed, sampler, source, token
          methods close, next, publish, start
cpu 0 %, memory 12 %
cpu 100 %, memory 12 %
cpu 100 %, memory 12 %
given up: the operation was cancelled
awaited again: the result of this value task was already taken: token=5, current=5, state=IDLE, waiter=NONE, source=ManualResetValueTaskSource; await a value task once, or keep it with toCompletableFuture(); -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
*/
