package io.valuetask;

import io.micrometer.context.ContextRegistry;
import io.micrometer.context.ThreadLocalAccessor;
import io.valuetask.testing.ForkedJvm;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.NONE;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The execution context on every road to a continuation, and without a library that knows what a context is. */
class ContextPropagationTest {
    private final PropagatedText text = new PropagatedText();
    private final CountingLoop loop = new CountingLoop();
    private final CompletableFuture<String> seen = new CompletableFuture<>();
    private final Consumer<Object> see = state -> seen.complete(state + " sees " + text.get());

    @AfterEach
    void close() {
        text.close();
        loop.close();
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheWaiterHasALoopToo_restoresTheContextThere(Form form) throws Exception {
        SourceSubject source = form.newSource();
        Form.Operation operation = form.arm(source);
        loop.on(() -> {
            text.set("of the registrant");
            operation.onCompleted(see, "state", FLOW_EXECUTION_CONTEXT | USE_SCHEDULING_CONTEXT);
            text.set("of the loop");
            return null;
        });

        source.complete(source.core().pendingToken(), 42);

        assertThat(seen()).isEqualTo("state sees of the registrant");
        assertThat(loop.on(text::get)).isEqualTo("of the loop");
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_asynchronously_restoresTheContextOnTheOtherThread(Form form) throws Exception {
        SourceSubject source = form.newSource();
        source.core().setRunContinuationsAsynchronously(true);
        Form.Operation operation = form.arm(source);
        text.set("of the registrant");
        operation.onCompleted(see, "state", FLOW_EXECUTION_CONTEXT);
        text.set("of the completer");

        source.complete(source.core().pendingToken(), 42);

        assertThat(seen()).isEqualTo("state sees of the registrant");
        assertThat(text.get()).isEqualTo("of the completer");
    }

    @ParameterizedTest
    @ValueSource(ints = {NONE, FLOW_EXECUTION_CONTEXT})
    void onCompleted_onAnExecutorWithoutContinuation_isRefusedAndAnotherMayRegister(int flags) {
        ManualResetIntValueTaskSource source = new ManualResetIntValueTaskSource();
        IntValueTask number = IntValueTask.fromSource(source, source.arm());
        ValueTask<Integer> task = number.boxed();
        List<ThrowingCallable> calls = List.of(() -> task.onCompleted(null, "state", Runnable::run, flags),
                () -> number.onCompleted(null, "state", Runnable::run, flags),
                () -> new ValueTaskAwaiter<Integer>().onCompleted(task, null, "state", Runnable::run, flags),
                () -> new IntValueTaskAwaiter().onCompleted(number, null, "state", Runnable::run, flags));

        for (ThrowingCallable call : calls) {
            assertThatThrownBy(call).isInstanceOf(NullPointerException.class).hasMessage("continuation");
        }

        assertThat(task.onCompleted(see, "state")).isTrue();
    }

    @Test
    void complete_ofAFuture_restoresTheContextIfAskedFor() throws Exception {
        for (int flags = 0; flags < 4; flags++) {
            List<Object> inContext = new ArrayList<>();
            CompletableFuture<Integer> future = new CompletableFuture<>();
            CompletableFuture<Integer> ofInts = new CompletableFuture<>();
            text.set("of the registrant");
            ValueTask.fromFuture(future).onCompleted(list -> list.add(text.get()), inContext, flags);
            new IntValueTaskAwaiter().onCompleted(IntValueTask.fromFuture(ofInts),
                    list -> list.add(text.get()), inContext, flags);
            text.set("of the completer");

            future.complete(42);
            ofInts.complete(42);

            String expected = (flags & FLOW_EXECUTION_CONTEXT) == 0
                    ? "of the completer"
                    : "of the registrant";
            assertThat(inContext).containsExactly(expected, expected);
            assertThat(text.get()).isEqualTo("of the completer");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {NONE, FLOW_EXECUTION_CONTEXT, FLOW_EXECUTION_CONTEXT | USE_SCHEDULING_CONTEXT})
    void complete_withAnExecutor_restoresTheContextThereIfAskedFor(int flags) {
        List<Object> inContext = new ArrayList<>();
        List<Runnable> handedOver = new ArrayList<>();
        Consumer<List<Object>> look = list -> list.add(text.get());
        CompletableFuture<Integer> operation = new CompletableFuture<>();
        text.set("of the registrant");
        ValueTask.fromFuture(operation).onCompleted(look, inContext, handedOver::add, flags);
        IntValueTask.fromFuture(operation).onCompleted(look, inContext, handedOver::add, flags);
        new ValueTaskAwaiter<Integer>().onCompleted(ValueTask.fromFuture(operation), look, inContext,
                handedOver::add, flags);
        new IntValueTaskAwaiter().onCompleted(IntValueTask.fromFuture(operation), look, inContext,
                handedOver::add, flags);
        ManualResetValueTaskSource<Integer> source = new ManualResetValueTaskSource<>();
        ValueTask.fromSource(source, source.arm()).onCompleted(look, inContext, handedOver::add, flags);
        text.set("of the executor");

        operation.complete(42);
        source.complete(1, 42);

        assertThat(inContext).isEmpty();
        handedOver.forEach(Runnable::run);
        String expected = flags == NONE ? "of the executor" : "of the registrant";
        assertThat(inContext).hasSize(5).containsOnly(expected);
        assertThat(text.get()).isEqualTo("of the executor");
    }

    @Test
    void complete_ofAFuture_goesToTheLoopOfTheRegistrantInItsContext() throws Exception {
        CompletableFuture<String> future = new CompletableFuture<>();
        loop.on(() -> {
            text.set("of the registrant");
            ValueTask.fromFuture(future).onCompleted(see, "state",
                    FLOW_EXECUTION_CONTEXT | USE_SCHEDULING_CONTEXT);
            text.set("of the loop");
            return null;
        });

        future.complete("result");

        assertThat(seen()).isEqualTo("state sees of the registrant");
        assertThat(loop.takeExecuted()).isEqualTo(1);
        assertThat(loop.on(text::get)).isEqualTo("of the loop");
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheContinuationThrowsInItsContext_restoresTheThreadsOwn(Form form) throws IOException {
        IllegalStateException failure = new IllegalStateException("of the continuation");
        SourceSubject source = form.newSource();
        Form.Operation operation = form.arm(source);
        text.set("of the registrant");
        operation.onCompleted(state -> {
            text.set("changed by the continuation");
            throw failure;
        }, "state", FLOW_EXECUTION_CONTEXT);
        text.set("of the completer");

        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            source.complete(source.core().pendingToken(), 42);
            assertThat(uncaught.failures()).containsExactly(failure);
        }

        assertThat(text.get()).isEqualTo("of the completer");
        assertThat(operation.result()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void onCompleted_whenAnotherWaits_leavesTheFirstItsContext(Form form) {
        SourceSubject source = form.newSource();
        Form.Operation operation = form.arm(source);
        text.set("of the first");
        operation.onCompleted(see, "first", FLOW_EXECUTION_CONTEXT);
        text.set("of the second");
        assertThatThrownBy(() -> form.of(source, source.core().pendingToken()).onCompleted(see, "second",
                FLOW_EXECUTION_CONTEXT)).isInstanceOf(ValueTaskMisuseException.class);
        text.set("of the completer");

        source.complete(source.core().pendingToken(), 42);

        assertThat(seen).isCompletedWithValue("first sees of the first");
    }

    private enum Step {
        CAPTURE,
        SET,
        RESTORE
    }

    /** Somebody's accessor, which the library calls at each step, and which fails at one of them. */
    private record FailingAccessor(Step failing, RuntimeException failure)
            implements
                ThreadLocalAccessor<String> {
        @Override
        public Object key() {
            return "failing";
        }

        @Override
        public String getValue() {
            failAt(Step.CAPTURE);
            return "captured";
        }

        @Override
        public void setValue(String value) {
            failAt(Step.SET);
        }

        @Override
        public void setValue() {}

        @Override
        public void restore(String before) {
            failAt(Step.RESTORE);
        }

        private void failAt(Step step) {
            if (step == failing) {
                throw failure;
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void complete_whenTheContextCannotBeRestored_isReportedAndResumesWithoutIt(Form form) throws IOException {
        IllegalStateException failure = new IllegalStateException("of the accessor");
        ContextRegistry.getInstance().registerThreadLocalAccessor(new FailingAccessor(Step.SET, failure));
        try {
            SourceSubject source = form.newSource();
            Form.Operation operation = form.arm(source);
            operation.onCompleted(see, "state", FLOW_EXECUTION_CONTEXT);

            try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
                source.complete(source.core().pendingToken(), 42);
                assertThat(uncaught.failures()).containsExactly(failure);
            }

            assertThat(seen).as("not lost").isCompletedWithValue("state sees null");
            assertThat(operation.result()).isEqualTo(42);
        } finally {
            ContextRegistry.getInstance().removeThreadLocalAccessor("failing");
        }
    }

    // A body that is run within the call that starts it

    @Test
    void start_whenABodyStartsAnother_givesEachCallerItsContextBack() throws IOException {
        List<String> told = new ArrayList<>();
        text.set("of the caller");

        ValueTasks.start(Runnable::run, () -> {
            text.set("of the outer body");
            ValueTasks.start(Runnable::run, () -> {
                told.add(text.get());
                text.set("of the inner body");
                return "result";
            }).discard();
            told.add(text.get());
            return "result";
        }).discard();

        assertThat(told).containsExactly("of the outer body", "of the outer body");
        assertThat(text.get()).isEqualTo("of the caller");
    }

    @Test
    void start_whenTheExecutorRunsItLaterOnTheSameThread_leavesTheContextToTheExecutor() throws Exception {
        List<Runnable> submitted = new ArrayList<>();
        text.set("of the starter");
        ValueTask<String> task = ValueTasks.start(submitted::add, () -> {
            String before = text.get();
            text.set("of the body");
            return before;
        });
        text.set("of the runner");

        submitted.get(0).run();

        assertThat(task.result()).isEqualTo("of the runner");
        assertThat(text.get()).isEqualTo("of the body");
    }

    @ParameterizedTest
    @EnumSource(Step.class)
    void start_whenTheContextCannotBeKept_isReportedAndTheBodyRunsOnce(Step step) throws IOException {
        IllegalStateException failure = new IllegalStateException("of the accessor");
        ContextRegistry.getInstance().registerThreadLocalAccessor(new FailingAccessor(step, failure));
        try (UncaughtFailures uncaught = UncaughtFailures.ofCurrentThread()) {
            List<String> runs = new ArrayList<>();

            ValueTask<String> task = ValueTasks.start(Runnable::run, () -> {
                runs.add("body");
                return "result";
            });

            assertThat(uncaught.failures()).containsExactly(failure);
            assertThat(runs).hasSize(1);
            assertThat(task.result()).isEqualTo("result");
        } finally {
            ContextRegistry.getInstance().removeThreadLocalAccessor("failing");
        }
    }

    // Without the library, and with a provider of one's own: in a JVM of its own, as providers are looked up once

    /** What the forked JVMs run: registers with the wish for the context, completes elsewhere, prints. */
    static final class Scenario {
        private static final ThreadLocal<String> OWN = ThreadLocal.withInitial(() -> "nothing");

        private Scenario() {}

        public static void main(String[] arguments) throws Exception {
            for (Form form : Form.values()) {
                SourceSubject source = form.newSource();
                Form.Operation operation = form.arm(source);
                OWN.set("registrant");
                operation.onCompleted(state -> print(form + " sees " + OWN.get()), "state",
                        FLOW_EXECUTION_CONTEXT);
                OWN.set("completer");
                source.complete(source.core().pendingToken(), 42);
                print(form + " result " + operation.result());
            }
            CompletableFuture<String> future = new CompletableFuture<>();
            OWN.set("registrant");
            ValueTask.fromFuture(future).onCompleted(state -> print("FUTURE sees " + OWN.get()), "state",
                    FLOW_EXECUTION_CONTEXT);
            OWN.set("completer");
            future.complete("result");
            print("propagation " + ContextualContinuation.PROPAGATION);
        }

        private static void print(String line) {
            System.out.println(line);
        }
    }

    /** A user's provider. */
    public static final class Own implements ContextPropagation {
        public Own() {}

        @Override
        public Object capture() {
            return Scenario.OWN.get();
        }

        @Override
        public <S> void run(Object context, Consumer<? super S> continuation, S state) {
            String before = Scenario.OWN.get();
            Scenario.OWN.set((String) context);
            try {
                continuation.accept(state);
            } finally {
                Scenario.OWN.set(before);
            }
        }

        @Override
        public String toString() {
            return "is my own";
        }
    }

    @Test
    @Timeout(120)
    void onCompleted_whenThereIsNoLibrary_ignoresTheWish() throws Exception {
        String printed = new ForkedJvm().without(entry -> entry.contains("context-propagation"))
                .run(Scenario.class);

        assertThat(printed.lines()).contains("propagation null", "FUTURE sees completer")
                .hasSize(2 * Form.values().length + 2);
        for (Form form : Form.values()) {
            assertThat(printed).contains(form + " sees completer", form + " result 42");
        }
    }

    @Test
    @Timeout(120)
    void onCompleted_whenThereIsAProviderOfOnesOwn_prefersIt(@TempDir Path directory) throws Exception {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.writeString(services.resolve(ContextPropagation.class.getName()), Own.class.getName());
        List<ForkedJvm> jvms = List.of(new ForkedJvm().withFirst(directory),
                new ForkedJvm().withLast(directory), new ForkedJvm().withLast(directory)
                        .without(entry -> entry.contains("context-propagation")));
        for (ForkedJvm jvm : jvms) {
            String printed = jvm.run(Scenario.class);

            assertThat(printed.lines()).contains("propagation is my own", "FUTURE sees registrant");
            for (Form form : Form.values()) {
                assertThat(printed).contains(form + " sees registrant", form + " result 42");
            }
        }
    }

    private String seen() throws Exception {
        return seen.get(10, TimeUnit.SECONDS);
    }
}
