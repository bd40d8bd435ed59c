package io.valuetask;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls that the compiler does not inline.
 *
 * <p>A {@link ValueTask} is free only where the compiler sees both the call that makes it and the call that consumes
 * it. HotSpot's C2 stops inlining for three reasons that depend on the rest of the program, and each puts the handle
 * into the heap, 24 bytes for each operation:
 *
 * <ul>
 * <li>The callee is "already compiled into a big method": it was compiled before its caller, together with all that it
 * inlined. So the methods that take a handle only take it apart, and do the work behind a barrier: they stay small
 * whatever was compiled first. So do those that make one, where that is much work.</li>
 * <li>The chain of nested calls is too deep, as it is where the event loop, the pipeline, a completion and a
 * continuation have been inlined into each other. So a continuation runs behind a barrier and is compiled for
 * itself.</li>
 * <li>The method that is compiled has grown too big ({@code NodeCountInliningCutoff}) before it comes to the call: a
 * callback takes one result and starts the next operation. So to take the result of an awaiter is behind a barrier, though
 * there is no handle in it.</li>
 * </ul>
 *
 * <p>The barrier is a method handle in a field that is not final: what it calls is not a constant, so the compiler
 * cannot look into it. It costs a few nanoseconds.
 */
final class InlineBarrier {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle resume = find(InlineBarrier.class, "resumeBehind", void.class, Consumer.class,
            Object.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle register = find(AwaiterCore.class, "register", boolean.class,
            AwaiterCore.class, long.class, Object.class, Consumer.class, Object.class, int.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle onCompleted = find(Handle.class, "onCompleted", boolean.class, long.class,
            Object.class, Consumer.class, Object.class, int.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle discard = find(Handle.class, "discard", void.class, long.class, Object.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle result = find(InlineBarrier.class, "resultBehind", Object.class,
            ValueTaskSource.class, long.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle resultAsInt = find(InlineBarrier.class, "resultAsIntBehind", int.class,
            IntValueTaskSource.class, long.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle awaiterResult = find(InlineBarrier.class, "resultBehind", Object.class,
            ValueTaskAwaiter.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle awaiterResultAsInt = find(InlineBarrier.class, "resultAsIntBehind", int.class,
            IntValueTaskAwaiter.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle immediate = find(Handle.class, "immediate", Object.class, long.class,
            Object.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle awaitImmediate = find(Handle.class, "awaitImmediate", Object.class,
            long.class,
            Object.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle startMove = find(AsyncIteratorSource.class, "startMove", long.class,
            AsyncIteratorSource.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle startPublishedMove = find(AsyncIteratorSubscriber.class, "startMove",
            long.class, AsyncIteratorSubscriber.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle startEmit = find(AsyncIteratorSource.class, "startEmit", long.class,
            AsyncIteratorSource.class, Object.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle await = find(Waiting.class, "await", Object.class, ValueTaskSource.class,
            long.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle awaitAsInt = find(Waiting.class, "awaitAsInt", int.class,
            IntValueTaskSource.class, long.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle start = find(StartedBody.class, "start", StartedBody.class, Executor.class,
            Callable.class);

    private InlineBarrier() {}

    private static MethodHandle find(Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
        try {
            return LOOKUP.findStatic(owner, name, MethodType.methodType(result, parameters));
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    static void resume(Consumer<@Nullable Object> continuation, @Nullable Object state) throws Throwable {
        resume.invokeExact(continuation, state);
    }

    @SuppressWarnings("UnusedMethod")
    private static void resumeBehind(Consumer<@Nullable Object> continuation, @Nullable Object state) {
        continuation.accept(state);
    }

    static boolean register(AwaiterCore awaiter, long token, @Nullable Object payload,
            Consumer<?> continuation, @Nullable Object state, int flags) {
        try {
            return (boolean) register.invokeExact(awaiter, token, payload, continuation, state, flags);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    static boolean onCompleted(long token, @Nullable Object payload, Consumer<?> continuation,
            @Nullable Object state, int flags) {
        try {
            return (boolean) onCompleted.invokeExact(token, payload, continuation, state, flags);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    static void discard(long token, @Nullable Object payload) {
        try {
            discard.invokeExact(token, payload);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    @SuppressWarnings("unchecked")
    static <T extends @Nullable Object> T result(ValueTaskSource<T> source, long token) throws IOException {
        try {
            return (T) (Object) result.invokeExact(source, token);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    @SuppressWarnings("UnusedMethod")
    private static @Nullable Object resultBehind(ValueTaskSource<?> source, long token) throws IOException {
        return source.getResult(token);
    }

    static int resultAsInt(IntValueTaskSource source, long token) throws IOException {
        try {
            return (int) resultAsInt.invokeExact(source, token);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    @SuppressWarnings("UnusedMethod")
    private static int resultAsIntBehind(IntValueTaskSource source, long token) throws IOException {
        return source.getResultAsInt(token);
    }

    @SuppressWarnings("unchecked")
    static <T extends @Nullable Object> T result(ValueTaskAwaiter<T> awaiter) throws IOException {
        try {
            return (T) (Object) awaiterResult.invokeExact(awaiter);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    @SuppressWarnings("UnusedMethod")
    private static @Nullable Object resultBehind(ValueTaskAwaiter<?> awaiter) throws IOException {
        return awaiter.takeResult();
    }

    static int resultAsInt(IntValueTaskAwaiter awaiter) throws IOException {
        try {
            return (int) awaiterResultAsInt.invokeExact(awaiter);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    @SuppressWarnings("UnusedMethod")
    private static int resultAsIntBehind(IntValueTaskAwaiter awaiter) throws IOException {
        return awaiter.takeResult();
    }

    static long startMove(AsyncIteratorSource<?> iterator) {
        try {
            return (long) startMove.invokeExact(iterator);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    static long startPublishedMove(AsyncIteratorSubscriber<?> iterator) {
        try {
            return (long) startPublishedMove.invokeExact(iterator);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    static long startEmit(AsyncIteratorSource<?> iterator, @Nullable Object element) {
        try {
            return (long) startEmit.invokeExact(iterator, element);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    @SuppressWarnings("unchecked")
    static <T extends @Nullable Object> T await(ValueTaskSource<T> source, long token)
            throws IOException, InterruptedException {
        try {
            return (T) (Object) await.invokeExact(source, token);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    /** Of a handle without a source: what waits for a future, and what fails, is much code around little. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <T extends @Nullable Object> T awaitImmediate(long token, @Nullable Object payload)
            throws InterruptedException {
        try {
            return (T) (Object) awaitImmediate.invokeExact(token, payload);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    /** Likewise. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <T extends @Nullable Object> T immediate(long token, @Nullable Object payload) {
        try {
            return (T) (Object) immediate.invokeExact(token, payload);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    static int awaitAsInt(IntValueTaskSource source, long token) throws IOException, InterruptedException {
        try {
            return (int) awaitAsInt.invokeExact(source, token);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }

    @SuppressWarnings("unchecked")
    static <T extends @Nullable Object> StartedBody<T> start(Executor executor, Callable<? extends T> body) {
        try {
            return (StartedBody<T>) (StartedBody<?>) start.invokeExact(executor, body);
        } catch (Throwable thrown) {
            throw Failures.sneaky(thrown);
        }
    }
}
