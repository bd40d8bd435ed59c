package io.valuetask.stream;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * Calls that the compiler does not inline, so that the methods of {@link ChannelStream} that make a value
 * task stay small, are always inlined themselves, and the handle need not exist. The core has a barrier of
 * the same kind, and the reasons.
 */
final class InlineBarrier {
    private static final MethodHandles.Lookup LOOKUP = MethodHandles.lookup();

    // Not final, or the compiler would see through them.
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle read = find(StreamReadSource.class, "read", long.class, Object.class,
            int.class, long.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle lookForMore = find(StreamReadSource.class, "lookForMore", int.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle writeByte = find(WriteBuffer.class, "writeByte", int.class, int.class);
    @SuppressWarnings("FieldMayBeFinal")
    private static MethodHandle write = find(WriteBuffer.class, "write", int.class, Object.class, int.class,
            int.class);

    private InlineBarrier() {}

    private static MethodHandle find(Class<?> owner, String name, Class<?> result, Class<?>... parameters) {
        try {
            return LOOKUP.findVirtual(owner, name, MethodType.methodType(result, parameters));
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    static long read(StreamReadSource reads, @Nullable Object destination, int offset, long demand) {
        try {
            return (long) read.invokeExact(reads, destination, offset, demand);
        } catch (Throwable thrown) {
            throw InlineBarrier.<RuntimeException>unchanged(thrown);
        }
    }

    static int lookForMore(StreamReadSource reads) {
        try {
            return (int) lookForMore.invokeExact(reads);
        } catch (Throwable thrown) {
            throw InlineBarrier.<RuntimeException>unchanged(thrown);
        }
    }

    static int writeByte(WriteBuffer writes, int value) {
        try {
            return (int) writeByte.invokeExact(writes, value);
        } catch (Throwable thrown) {
            throw InlineBarrier.<RuntimeException>unchanged(thrown);
        }
    }

    static int write(WriteBuffer writes, Object source, int offset, int length) {
        try {
            return (int) write.invokeExact(writes, source, offset, length);
        } catch (Throwable thrown) {
            throw InlineBarrier.<RuntimeException>unchanged(thrown);
        }
    }

    /** Throws {@code failure} itself, checked or not. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <E extends Throwable> RuntimeException unchanged(Throwable failure) throws E {
        throw (E) failure;
    }
}
