package io.valuetask.netty;

import io.valuetask.ValueTask;
import io.valuetask.netty.EndingTable.Ending;
import io.valuetask.netty.EndingTable.Operation;
import io.valuetask.schedule.EventLoopVirtualThreads;
import io.valuetask.testing.BackgroundCall;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/**
 * Every operation meets every ending, with no, one and many messages before it: it ends as {@link EndingTable} says,
 * exactly once, and no buffer is left. Who waits is a continuation, which is counted, or a virtual thread: one of the common
 * scheduler, or one that the channel's loop carries.
 */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class EndingMatrixTest {
    private static final int MANY = 10;

    @Parameter
    Transport transport;

    static List<Arguments> everyCase() {
        List<Arguments> cases = new ArrayList<>();
        for (Operation operation : Operation.values()) {
            for (Ending ending : Ending.values()) {
                for (int queued : new int[]{0, 1, MANY}) {
                    if (EndingTable.hasCase(operation, ending, queued)) {
                        cases.add(arguments(operation, ending, queued));
                    }
                }
            }
        }
        return cases;
    }

    static List<Arguments> everyCaseOfAContinuation() {
        return everyCase().stream()
                .filter(one -> !((Ending) one.get()[1]).needsThread((Operation) one.get()[0])).toList();
    }

    /** Takes the outcome whenever it is told to, and counts. */
    private static final class Continuation {
        final AtomicInteger times = new AtomicInteger();
        final CompletableFuture<String> outcome = new CompletableFuture<>();

        void run(EndingScene scene, ValueTask<Object> task) {
            times.incrementAndGet();
            try {
                outcome.complete(scene.outcomeOf(task.result()));
            } catch (Throwable failure) {
                outcome.complete(scene.outcomeOf(failure));
            }
        }

        void await(EndingScene scene, ValueTask<Object> task) {
            if (!task.onCompleted(same -> run(scene, same), task)) {
                run(scene, task);
            }
        }

        String outcome() throws Exception {
            return outcome.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        }
    }

    private static boolean isPending(Operation operation, int queued) {
        return queued == 0 || !operation.isRead();
    }

    private static void assertOutcome(String actual, String expected) {
        switch (expected) {
            case "io" -> assertThat(actual).isIn("io", "closed");
            case "either" -> assertThat(actual).isIn("channel", "done", "closed");
            default -> assertThat(actual).isEqualTo(expected);
        }
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("everyCaseOfAContinuation")
    void operation_awaitedByAContinuation_endsOnceAndLeavesNoBuffer(Operation operation, Ending ending,
            int queued) throws Exception {
        String expected = EndingTable.outcome(operation, ending, queued);
        Continuation continuation = new Continuation();
        try (EndingScene scene = EndingScene.open(transport, operation, ending, queued)) {
            ValueTask<Object> task = scene.start();
            if (isPending(operation, queued)) {
                continuation.await(scene, task);
                scene.awaitStarted();
                scene.end();
            } else {
                scene.end();
                continuation.await(scene, task);
            }
            if (expected.equals(EndingTable.GOES_ON)) {
                assertThat(continuation.times).hasValue(0);
            } else {
                assertOutcome(continuation.outcome(), expected);
            }
        }
        continuation.outcome();
        assertThat(continuation.times).hasValue(1);
    }

    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("everyCase")
    void operation_awaitedByAThread_endsAndLeavesNoBuffer(Operation operation, Ending ending, int queued)
            throws Throwable {
        String expected = EndingTable.outcome(operation, ending, queued);
        BackgroundCall<String> waiter;
        try (EndingScene scene = EndingScene.open(transport, operation, ending, queued)) {
            ValueTask<Object> task = scene.start();
            if (isPending(operation, queued)) {
                waiter = BackgroundCall.start(VIRTUAL, () -> await(scene, task, ending));
                if (ending != Ending.AWAIT_TIMEOUT && ending != Ending.OWN_TIMEOUT) {
                    waiter.awaitParked();
                }
                scene.awaitStarted();
                scene.end();
                if (ending == Ending.INTERRUPT) {
                    waiter.thread().interrupt();
                }
            } else {
                scene.end();
                waiter = BackgroundCall.start(VIRTUAL, () -> {
                    if (ending == Ending.INTERRUPT) {
                        Thread.currentThread().interrupt();
                    }
                    return await(scene, task, ending);
                });
            }
            if (expected.equals(EndingTable.GOES_ON)) {
                assertThat(waiter.thread().isAlive()).isTrue();
            } else {
                assertOutcome(waiter.result(), expected);
            }
        }
        waiter.result();
    }

    /** Started, too, by a virtual thread that the channel's own loop carries. */
    @ParameterizedTest(name = "{0} {1} {2}")
    @MethodSource("everyCase")
    void operation_ofAThreadThatTheLoopCarries_endsAndLeavesNoBuffer(Operation operation, Ending ending,
            int queued) throws Throwable {
        String expected = outcomeForACarriedThread(operation, ending, queued);
        boolean pending = isPending(operation, queued);
        CountDownLatch ended = new CountDownLatch(1);
        BackgroundCall<String> body;
        try (EndingScene scene = EndingScene.open(transport, operation, ending, queued)) {
            body = BackgroundCall.start(scene.loop(), () -> {
                ValueTask<Object> task = scene.start();
                if (!pending) {
                    awaitUninterruptibly(ended);
                    if (ending == Ending.INTERRUPT) {
                        Thread.currentThread().interrupt();
                    }
                }
                return await(scene, task, ending);
            });
            if (!pending || (ending != Ending.AWAIT_TIMEOUT && ending != Ending.OWN_TIMEOUT)) {
                body.awaitParked();
            }
            scene.awaitStarted();
            scene.end();
            ended.countDown();
            if (pending && ending == Ending.INTERRUPT) {
                body.thread().interrupt();
            }
            if (expected.equals(EndingTable.GOES_ON)) {
                assertThat(body.thread().isAlive()).isTrue();
            } else {
                assertOutcome(body.result(), expected);
            }
        }
        body.result();
    }

    /** What goes on elsewhere when the loop has ended is not waited for: the loop's threads are interrupted. */
    private static String outcomeForACarriedThread(Operation operation, Ending ending, int queued) {
        String expected = EndingTable.outcome(operation, ending, queued);
        return ending == Ending.LOOP_ENDS && expected.equals(EndingTable.GOES_ON)
                && EventLoopVirtualThreads.isSupported() ? "interrupted" : expected;
    }

    /** The end of its loop interrupts a carried thread, whatever that waits for. */
    private static void awaitUninterruptibly(CountDownLatch latch) {
        boolean interrupted = false;
        for (boolean over = false; !over;) {
            try {
                over = latch.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException later) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static String await(EndingScene scene, ValueTask<Object> task, Ending ending) {
        try {
            return scene.outcomeOf(switch (ending) {
                case AWAIT_TIMEOUT -> task.await(EndingScene.SHORT);
                case TOKEN -> task.await(scene.canceller.token());
                default -> task.await();
            });
        } catch (Throwable failure) {
            return scene.outcomeOf(failure);
        }
    }
}
