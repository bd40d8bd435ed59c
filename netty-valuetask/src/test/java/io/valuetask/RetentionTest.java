package io.valuetask;

import io.micrometer.context.ContextRegistry;
import io.valuetask.Form.Operation;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * After consumption a source refers to nothing of the operation. A connection lives long; what its sources held on to
 * would be a leak that no detector sees.
 */
class RetentionTest {
    private final List<WeakReference<Object>> watched = new ArrayList<>();

    @ParameterizedTest
    @EnumSource(Form.class)
    void getResult_ofASuccess_leavesNothingBehind(Form form) throws Exception {
        SourceSubject source = form.newSource();
        Operation operation = form.arm(source);
        succeedAndConsume(source, operation);
        assertNothingIsRetained(source, 2);
        reachable(operation);
    }

    private void succeedAndConsume(SourceSubject source, Operation operation) throws IOException {
        operation.onCompleted(watch(capturing(new Object())), watch(new Object()));
        source.complete(source.core().pendingToken(), 42);
        assertThat(operation.result()).isEqualTo(42);
    }

    @Test
    void getResult_ofAnObject_leavesItNotBehind() throws Exception {
        ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
        ValueTaskAwaiter<Object> awaiter = new ValueTaskAwaiter<>();
        consumeObjects(source, awaiter);
        assertNothingIsRetained(source, 3);
        reachable(awaiter);
    }

    private void consumeObjects(ManualResetValueTaskSource<Object> source, ValueTaskAwaiter<Object> awaiter)
            throws IOException {
        for (int way = 0; way < 3; way++) {
            ValueTask<Object> task = ValueTask.fromSource(source, source.arm());
            if (way == 0) {
                awaiter.onCompleted(task, state -> {}, null);
            }
            source.complete(source.pendingToken(), watch(new Object()));
            Object result = switch (way) {
                case 0 -> awaiter.result();
                case 1 -> task.result();
                default -> task.toCompletableFuture().join();
            };
            assertThat(result).isNotNull();
        }
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void getResult_ofAFailure_leavesNothingBehind(Form form) throws Exception {
        SourceSubject source = form.newSource();
        Operation operation = form.arm(source);
        failAndConsume(source, operation);
        assertNothingIsRetained(source, 3);
        reachable(operation);
    }

    private void failAndConsume(SourceSubject source, Operation operation) {
        operation.onCompleted(watch(capturing(new Object())), watch(new Object()));
        source.completeExceptionally(source.core().pendingToken(), watch(new IOException()));
        assertThatThrownBy(operation::result).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void refusedCalls_leaveNothingBehind(Form form) throws Exception {
        SourceSubject source = form.newSource();
        refuseEverything(form, source);
        assertNothingIsRetained(source, 8);
    }

    private void refuseEverything(Form form, SourceSubject source) throws IOException {
        Operation operation = form.arm(source);
        long token = source.core().pendingToken();
        operation.onCompleted(watch(capturing(new Object())), watch(new Object()));
        assertRefused(() -> form.of(source, token).onCompleted(watch(capturing(new Object())),
                watch(new Object()), FLOW_EXECUTION_CONTEXT));
        assertRefused(() -> form.of(source, token).onCompleted(watch(capturing(new Object())),
                watch(new Object()), watch(executing(new Object()))));
        source.complete(token, 42);
        source.tryCompleteExceptionally(token, watch(new IOException()));
        assertThat(operation.result()).isEqualTo(42);
    }

    private static void assertRefused(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(ValueTaskMisuseException.class);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void onCompleted_whenComplete_leavesNothingBehind(Form form) throws Exception {
        SourceSubject source = form.newSource();
        for (int way = 0; way < 2; way++) {
            registerTooLate(form, source, way);
        }
        assertNothingIsRetained(source, 5);
    }

    private void registerTooLate(Form form, SourceSubject source, int way) throws IOException {
        Operation operation = form.arm(source);
        source.complete(source.core().pendingToken(), 42);
        Consumer<Object> continuation = watch(capturing(new Object()));
        boolean registered = way == 0
                ? operation.onCompleted(continuation, watch(new Object()), FLOW_EXECUTION_CONTEXT)
                : operation.onCompleted(continuation, watch(new Object()), watch(executing(new Object())));
        assertThat(registered).isFalse();
        assertThat(operation.result()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void getResult_afterAnExecutorResumed_leavesNeitherItNorItsTaskBehind(Form form) throws Exception {
        SourceSubject source = form.newSource();
        Operation operation = form.arm(source);
        resumeOnAnExecutor(source, operation);
        assertNothingIsRetained(source, 4);
        reachable(operation);
    }

    private void resumeOnAnExecutor(SourceSubject source, Operation operation) throws IOException {
        List<Object> tasks = new ArrayList<>();
        Executor executor = watch(task -> {
            tasks.add(watch(task));
            task.run();
        });
        operation.onCompleted(watch(capturing(new Object())), watch(new Object()), executor);
        source.complete(source.core().pendingToken(), 42);
        assertThat(tasks).hasSize(1);
        assertThat(operation.result()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void getResult_afterALoopResumed_forgetsTheLoop(Form form) throws Exception {
        try (CountingLoop loop = new CountingLoop()) {
            SourceSubject source = form.newSource();
            resumeOnALoop(form, source, loop);
            assertNothingIsRetained(source, 2);
        }
    }

    private void resumeOnALoop(Form form, SourceSubject source, CountingLoop loop) throws Exception {
        Operation operation = form.arm(source);
        Consumer<Object> continuation = watch(capturing(new Object()));
        Object state = watch(new Object());
        loop.on(() -> operation.onCompleted(continuation, state, USE_SCHEDULING_CONTEXT));
        source.complete(source.core().pendingToken(), 42);
        loop.on(() -> null); // behind the continuation
        assertThat(operation.result()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(Form.class)
    void getResult_afterAContextWasRestored_leavesItNotBehind(Form form) throws Exception {
        ThreadLocal<Object> context = new ThreadLocal<>();
        ContextRegistry.getInstance().registerThreadLocalAccessor("retention", context);
        try {
            SourceSubject source = form.newSource();
            Operation operation = form.arm(source);
            resumeInAContext(source, operation, context);
            assertNothingIsRetained(source, 3);
            reachable(operation);
        } finally {
            ContextRegistry.getInstance().removeThreadLocalAccessor("retention");
        }
    }

    private void resumeInAContext(SourceSubject source, Operation operation, ThreadLocal<Object> context)
            throws IOException {
        context.set(watch(new Object()));
        operation.onCompleted(watch(capturing(new Object())), watch(new Object()), FLOW_EXECUTION_CONTEXT);
        context.remove();
        source.complete(source.core().pendingToken(), 42);
        assertThat(operation.result()).isEqualTo(42);
    }

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void discard_leavesNothingBehind(TaskType type) throws Exception {
        SourceSubject source = type.newSource();
        discardFailures(type, source);
        assertNothingIsRetained(source, 2);
    }

    private void discardFailures(TaskType type, SourceSubject source) {
        long early = source.arm();
        source.completeExceptionally(early, watch(new IOException()));
        type.fromSource(source, early).discard();
        long late = source.arm();
        type.fromSource(source, late).discard();
        source.completeExceptionally(late, watch(new IOException()));
    }

    @Test
    void discard_ofAnObject_leavesItNotBehind() throws Exception {
        ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
        discardObjects(source);
        assertNothingIsRetained(source, 2);
    }

    private void discardObjects(ManualResetValueTaskSource<Object> source) {
        long early = source.arm();
        source.complete(early, watch(new Object()));
        ValueTask.fromSource(source, early).discard();
        long late = source.arm();
        ValueTask.fromSource(source, late).discard();
        source.complete(late, watch(new Object()));
    }

    @ParameterizedTest
    @EnumSource(TaskType.class)
    void preserve_leavesTheFutureToItsHolder(TaskType type) throws Exception {
        SourceSubject source = type.newSource();
        preserveAndForget(type, source);
        assertNothingIsRetained(source, 3);
    }

    private void preserveAndForget(TaskType type, SourceSubject source) throws IOException {
        for (boolean completeFirst : new boolean[]{true, false}) {
            long token = source.arm();
            if (completeFirst) {
                source.complete(token, 42);
            }
            TaskType.Task kept = type.fromSource(source, token).preserve();
            watch(kept.toCompletableFuture());
            source.tryComplete(token, 42);
            assertThat(kept.result()).isEqualTo(42);
        }
        TaskType.Task cancelled = type.fromSource(source, source.arm()).preserve();
        watch(cancelled.toCompletableFuture()).cancel(true);
    }

    /** The thread lives on, and with it the trampoline in which deep continuations wait. */
    @Test
    void complete_deepInAChain_leavesNothingBehindInItsThread() throws Exception {
        SourceSubject source = TaskType.REFERENCE.newSource();
        nest(source, 40);
        assertNothingIsRetained(source, 40);
    }

    private void nest(SourceSubject source, int levels) {
        long token = source.arm();
        source.onCompleted(state -> {
            try {
                assertThat(source.getResult(token)).isEqualTo(levels);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
            if (levels > 1) {
                nest(source, levels - 1);
            }
        }, watch(new Object()), token);
        source.complete(token, levels);
    }

    /** The outcome may overtake a registration that is half done, which then withdraws. */
    @Test
    @Timeout(120)
    void onCompleted_againstComplete_leavesNothingBehind() throws Exception {
        ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
        long[] token = new long[1];
        Map<String, Integer> outcomes = Race.run(() -> token[0] = source.arm(),
                () -> source.onCompleted(state -> {}, "state", token[0], 0),
                () -> source.tryComplete(token[0], "result"), () -> {
                    Object result = source.getResult(token[0]);
                    assertNoFieldIsSet(source);
                    return result;
                });
        assertThat(outcomes.keySet()).as("%s", outcomes).isSubsetOf("true true result", "false true result");
    }

    @ParameterizedTest
    @EnumSource(BackgroundCall.Kind.class)
    void await_leavesTheThreadNotBehind(BackgroundCall.Kind kind) throws Throwable {
        for (TaskType type : TaskType.values()) {
            SourceSubject source = type.newSource();
            awaitOnAThread(kind, type, source);
            assertNothingIsRetained(source, 1);
            watched.clear();
        }
    }

    private void awaitOnAThread(BackgroundCall.Kind kind, TaskType type, SourceSubject source)
            throws Throwable {
        TaskType.Task task = type.fromSource(source, source.arm());
        BackgroundCall<Integer> call = BackgroundCall.start(kind, task::await);
        call.awaitParked();
        watch(call.thread());
        source.complete(source.core().pendingToken(), 42);
        assertThat(call.result()).isEqualTo(42);
    }

    /** Whoever consumed is still there, and must not be what keeps the rest alive. */
    private static void reachable(Object object) {
        Reference.reachabilityFence(object);
    }

    private static Executor executing(Object captured) {
        return task -> {
            captured.hashCode();
            task.run();
        };
    }

    /** A lambda that captures is a new object, which can be watched. */
    private static Consumer<Object> capturing(Object captured) {
        return state -> captured.hashCode();
    }

    private <T> T watch(T object) {
        watched.add(new WeakReference<>(object));
        return object;
    }

    private void assertNothingIsRetained(SourceSubject subject, int objects) throws Exception {
        assertNothingIsRetained(subject.core(), objects);
    }

    private static void assertNoFieldIsSet(ManualResetSource source) throws IllegalAccessException {
        for (Class<?> type = source.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    Object value = field.get(source);
                    if (value != null) {
                        throw new AssertionError(field.getName() + ": " + value);
                    }
                }
            }
        }
    }

    private void assertNothingIsRetained(ManualResetSource source, int objects) throws Exception {
        assertNoFieldIsSet(source);
        assertThat(watched).hasSize(objects);
        long deadline = System.nanoTime() + 10_000_000_000L;
        do {
            System.gc();
            if (watched.stream().allMatch(reference -> reference.refersTo(null))) {
                return;
            }
            Thread.sleep(10); // a terminated thread leaves the VM's own lists in its own time
        } while (System.nanoTime() < deadline);
        throw new AssertionError("still reachable: " + watched.stream().map(WeakReference::get).toList());
    }
}
