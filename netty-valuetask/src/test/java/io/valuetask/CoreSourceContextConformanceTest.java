package io.valuetask;

import io.valuetask.Form.Operation;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import io.valuetask.testing.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.NONE;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;

/** What .NET tests of its reusable source, see {@code conformance.md}: where and in what context a waiter goes on. */
class CoreSourceContextConformanceTest {
    private static final int OPERATIONS = 10;
    private static final boolean[] BOTH = {false, true};

    private final PropagatedText text = new PropagatedText();
    private final CountingLoop loop = new CountingLoop();

    @AfterEach
    void close() {
        text.close();
        loop.close();
    }

    @Row(10)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row10_flowOfContext_whenCompleteFirst_leavesTheCallerInItsOwn(Form form) throws Exception {
        SourceSubject source = form.newSource();
        for (int flags : new int[]{NONE, FLOW_EXECUTION_CONTEXT}) {
            List<Object> resumed = new ArrayList<>();
            Operation operation = form.arm(source);
            source.complete(source.core().pendingToken(), 42);
            text.set("of the caller");

            // .NET queues the continuation with the context. Here the caller goes on, in the context it has.
            assertThat(operation.onCompleted(resumed::add, "late", flags)).isFalse();

            assertThat(text.get()).isEqualTo("of the caller");
            assertThat(operation.result()).isEqualTo(42);
            assertThat(resumed).isEmpty();
        }
    }

    @Row(11)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row11_flowOfContext_whenRegisteredFirst_isSeenIfAskedFor(Form form) throws Exception {
        SourceSubject source = form.newSource();
        for (int flags : new int[]{NONE, FLOW_EXECUTION_CONTEXT}) {
            for (String ofRegistrant : new String[]{"of the registrant", null}) {
                List<Object> seen = new ArrayList<>();
                Operation operation = form.arm(source);
                text.set(ofRegistrant);
                operation.onCompleted(list -> list.add(text.get()), seen, flags);
                text.set("of the completer");

                source.complete(source.core().pendingToken(), 42);

                assertThat(seen).containsExactly(flags == NONE ? "of the completer" : ofRegistrant);
                assertThat(text.get()).as("restored").isEqualTo("of the completer");
                assertThat(operation.result()).isEqualTo(42);
            }
        }
    }

    @Row(15)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row15_onCompleted_whenComplete_neverRunsTheContinuation(Form form) throws Exception {
        SourceSubject source = form.newSource();
        for (boolean asynchronously : BOTH) {
            source.core().setRunContinuationsAsynchronously(asynchronously);
            for (int flags = 0; flags < 4; flags++) {
                List<Object> resumed = new ArrayList<>();
                Operation operation = form.arm(source);
                source.complete(source.core().pendingToken(), 42);

                // .NET queues it, always. Here it is not run at all: the caller is told to go on itself.
                assertThat(operation.onCompleted(resumed::add, "late", flags)).isFalse();

                assertThat(ForkJoinPool.commonPool().awaitQuiescence(10, TimeUnit.SECONDS)).isTrue();
                assertThat(resumed).isEmpty();
                assertThat(operation.result()).isEqualTo(42);
            }
        }
    }

    @Row(16)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row16_runContinuationsAsynchronously_holdsForEveryOperation(Form form) throws Exception {
        for (boolean asynchronously : BOTH) {
            SourceSubject source = form.newSource();
            assertThat(source.core().isRunContinuationsAsynchronously()).as("at the beginning").isFalse();
            source.core().setRunContinuationsAsynchronously(asynchronously);
            for (int i = 0; i < OPERATIONS; i++) {
                CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
                Operation operation = form.arm(source);
                assertThat(operation.onCompleted(ON_WHICH_THREAD, resumedOn)).isTrue();

                source.complete(source.core().pendingToken(), i);

                if (asynchronously) {
                    assertThat(threadOf(resumedOn)).isNotSameAs(Thread.currentThread());
                } else {
                    assertThat(resumedOn).isCompletedWithValue(Thread.currentThread());
                }
                assertThat(operation.result()).isEqualTo(i);
                assertThat(source.core().isRunContinuationsAsynchronously()).isEqualTo(asynchronously);
            }
        }
    }

    @Row(16)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row16_runContinuationsAsynchronously_onTheWaitersOwnLoop_isLaterOnThatLoop(Form form)
            throws Exception {
        SourceSubject source = form.newSource();
        for (boolean asynchronously : BOTH) {
            source.core().setRunContinuationsAsynchronously(asynchronously);
            for (int i = 0; i < OPERATIONS; i++) {
                CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
                Operation operation = form.arm(source);
                loop.on(() -> operation.onCompleted(ON_WHICH_THREAD, resumedOn, USE_SCHEDULING_CONTEXT));
                int result = i;

                boolean inline = loop.on(() -> {
                    source.complete(source.core().pendingToken(), result);
                    return resumedOn.isDone();
                });

                assertThat(inline).isEqualTo(!asynchronously);
                assertThat(loop.inEventLoop(threadOf(resumedOn))).isTrue();
                assertThat(loop.takeExecuted()).isEqualTo(asynchronously ? 1 : 0);
                assertThat(operation.result()).isEqualTo(i);
            }
        }
    }

    @Row(17)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row17_contextOfTheRegistrant_isUsedOnceIfAskedFor(Form form) throws Exception {
        SourceSubject source = form.newSource();
        for (boolean completeFirst : BOTH) {
            for (boolean asynchronously : BOTH) {
                for (int flags : new int[]{NONE, USE_SCHEDULING_CONTEXT}) {
                    source.core().setRunContinuationsAsynchronously(asynchronously);
                    CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
                    Operation operation = form.arm(source);
                    long token = source.core().pendingToken();
                    if (completeFirst) {
                        source.complete(token, 42);
                    }

                    boolean registered = loop
                            .on(() -> operation.onCompleted(ON_WHICH_THREAD, resumedOn, flags));

                    // .NET would queue the late one on the context. Here it is answered false, and not queued.
                    assertThat(registered).isEqualTo(!completeFirst);
                    if (registered) {
                        source.complete(token, 42);
                        assertThat(loop.inEventLoop(threadOf(resumedOn))).isEqualTo(flags != NONE);
                    }
                    assertThat(loop.takeExecuted()).isEqualTo(registered && flags != NONE ? 1 : 0);
                    assertThat(operation.result()).isEqualTo(42);
                }
            }
        }
    }

    @Row(18)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row18_executorOfTheRegistrant_isGivenTheContinuationIfAskedFor(Form form) throws Exception {
        SourceSubject source = form.newSource();
        for (boolean completeFirst : BOTH) {
            for (boolean asynchronously : BOTH) {
                for (boolean asked : BOTH) {
                    source.core().setRunContinuationsAsynchronously(asynchronously);
                    BlockingQueue<Runnable> queued = new LinkedBlockingQueue<>();
                    CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
                    Operation operation = form.arm(source);
                    long token = source.core().pendingToken();
                    if (completeFirst) {
                        source.complete(token, 42);
                    }

                    boolean registered = asked
                            ? operation.onCompleted(ON_WHICH_THREAD, resumedOn, queued::add)
                            : operation.onCompleted(ON_WHICH_THREAD, resumedOn);

                    assertThat(registered).isEqualTo(!completeFirst);
                    if (registered) {
                        source.complete(token, 42);
                    }
                    if (registered && asked) {
                        Runnable task = queued.poll(10, TimeUnit.SECONDS);
                        assertThat(resumedOn).as("only when the executor runs it").isNotDone();
                        task.run();
                        assertThat(resumedOn).isCompletedWithValue(Thread.currentThread());
                    } else if (registered) {
                        threadOf(resumedOn);
                    }
                    assertThat(queued).isEmpty();
                    assertThat(operation.result()).isEqualTo(42);
                }
            }
        }
    }

    @Row(26)
    @ParameterizedTest
    @EnumSource(Form.class)
    void row26_completion_byAnotherThread_resumesInTheWaitersContext(Form form) throws Throwable {
        SourceSubject source = form.newSource();
        for (Kind kind : Kind.values()) {
            CompletableFuture<String> seen = new CompletableFuture<>();
            Operation operation = form.arm(source);
            long token = source.core().pendingToken();
            text.set("of the waiter");
            operation.onCompleted(future -> future.complete(text.get()), seen, FLOW_EXECUTION_CONTEXT);

            String afterwards = BackgroundCall.start(kind, () -> {
                text.set("of the completer");
                source.complete(token, 42);
                return text.get();
            }).result();

            assertThat(seen).isCompletedWithValue("of the waiter");
            assertThat(afterwards).isEqualTo("of the completer");
            assertThat(operation.result()).isEqualTo(42);
        }
    }

    @Row(26)
    @ParameterizedTest
    @EnumSource(Kind.class)
    void row26_await_untilAnotherThreadCompletes_staysInItsOwnContext(Kind kind) throws Throwable {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        ManualResetIntValueTaskSource ints = new ManualResetIntValueTaskSource();
        for (int i = 0; i < OPERATIONS; i++) {
            ValueTask<String> task = ValueTask.fromSource(source, source.arm());
            IntValueTask number = IntValueTask.fromSource(ints, ints.arm());
            BackgroundCall<String> waiting = BackgroundCall.start(kind, () -> {
                text.set("of the waiter");
                return task.await() + " " + number.await() + " " + text.get();
            });
            waiting.awaitParked();
            text.set("of the completer");
            source.complete(source.pendingToken(), "result");
            ints.complete(ints.pendingToken(), i);
            assertThat(waiting.result()).isEqualTo("result " + i + " of the waiter");
        }
    }

    private static final Consumer<CompletableFuture<Thread>> ON_WHICH_THREAD = resumedOn -> resumedOn
            .complete(Thread.currentThread());

    private static Thread threadOf(CompletableFuture<Thread> resumedOn) throws Exception {
        return resumedOn.get(10, TimeUnit.SECONDS);
    }
}
