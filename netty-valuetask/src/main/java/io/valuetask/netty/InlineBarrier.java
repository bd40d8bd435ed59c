package io.valuetask.netty;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;

/**
 * Calls that the compiler does not inline, so that the methods of {@link ValueTaskChannel} that make a value task stay
 * small, are always inlined themselves, and the handle need not exist. The core has a barrier of the same kind, and
 * the reasons, for the methods that consume one: a write inlines the whole pipeline, and the method around it would be
 * "already compiled into a big method" whenever it was compiled before its caller.
 */
final class InlineBarrier {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    // Not final, or the compiler would see through them.
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle read = find(ReadSource.class, "read", long.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle write = find(ValueTaskHandler.class, "write", WriteOperation.class,
            Object.class,
            boolean.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle flush = find(ValueTaskHandler.class, "flush", FlushOperation.class);

    private InlineBarrier() {}

    private static MethodHandle find(Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
        try {
            return LOOKUP.findVirtual(owner, name, MethodType.methodType(result, parameters));
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    static long read(ReadSource<?> reads) {
        try {
            return (long) read.invokeExact(reads);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }

    static WriteOperation write(ValueTaskHandler<?, ?> handler, Object message, boolean flushToo) {
        try {
            return (WriteOperation) write.invokeExact(handler, message, flushToo);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }

    static FlushOperation flush(ValueTaskHandler<?, ?> handler) {
        try {
            return (FlushOperation) flush.invokeExact(handler);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }
}
