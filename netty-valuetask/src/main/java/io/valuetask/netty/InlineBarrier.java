package io.valuetask.netty;

import io.valuetask.CancellationToken;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

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
    private static MethodHandle read = find(ReadSource.class, "read", long.class,
            CancellationToken.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle readWithin = find(ReadSource.class, "readWithin", long.class, long.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle write = find(OutboundSide.class, "write", WriteOperation.class,
            Object.class,
            boolean.class, boolean.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle flush = find(OutboundSide.class, "flush", FlushOperation.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle writeAll = find(OutboundSide.class, "writeAll", BatchOperation.class,
            Collection.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle send = find(OutboundSide.class, "send", RoomOperation.class, Object.class,
            boolean.class);

    private InlineBarrier() {}

    private static MethodHandle find(Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
        try {
            return LOOKUP.findVirtual(owner, name, MethodType.methodType(result, parameters));
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    static long read(ReadSource<?> reads, CancellationToken cancellation) {
        try {
            return (long) read.invokeExact(reads, cancellation);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }

    static long readWithin(ReadSource<?> reads, long timeoutNanos) {
        try {
            return (long) readWithin.invokeExact(reads, timeoutNanos);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }

    static WriteOperation write(OutboundSide outbound, Object message, boolean flushToo, boolean inTurn) {
        try {
            return (WriteOperation) write.invokeExact(outbound, message, flushToo, inTurn);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }

    static FlushOperation flush(OutboundSide outbound) {
        try {
            return (FlushOperation) flush.invokeExact(outbound);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }

    static BatchOperation writeAll(OutboundSide outbound, Collection<?> messages) {
        try {
            return (BatchOperation) writeAll.invokeExact(outbound, messages);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }

    static @Nullable RoomOperation send(OutboundSide outbound, Object message, boolean inTurn) {
        try {
            return (@Nullable RoomOperation) send.invokeExact(outbound, message, inTurn);
        } catch (Throwable thrown) {
            throw InboundFailure.<RuntimeException>unchanged(thrown);
        }
    }
}
