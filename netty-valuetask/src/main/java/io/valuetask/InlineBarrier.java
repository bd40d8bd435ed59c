package io.valuetask;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Calls that the compiler does not inline.
 *
 * <p>A {@link ValueTask} is free only where the compiler sees both the call that makes it and the call that consumes
 * it. HotSpot's C2 stops inlining for two reasons that depend on the rest of the program, and either one puts the handle
 * into the heap, 24 bytes for each operation:
 *
 * <ul>
 * <li>The callee is "already compiled into a big method": it was compiled before its caller, together with all that it
 * inlined. So the methods that take a handle only take it apart, and do the work behind a barrier: they stay small
 * whatever was compiled first.</li>
 * <li>The chain of nested calls is too deep, as it is where the event loop, the pipeline, a completion and a
 * continuation have been inlined into each other. So a continuation runs behind a barrier and is compiled for
 * itself.</li>
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
    private static MethodHandle register = find(ValueTaskAwaiter.class, "register", boolean.class,
            ValueTaskAwaiter.class, long.class, Object.class, Consumer.class, Object.class, int.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle await = find(Waiting.class, "await", Object.class, ValueTaskSource.class,
            long.class);

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

    static boolean register(ValueTaskAwaiter<?> awaiter, long token, @Nullable Object payload,
            Consumer<?> continuation, @Nullable Object state, int flags) {
        try {
            return (boolean) register.invokeExact(awaiter, token, payload, continuation, state, flags);
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
}
