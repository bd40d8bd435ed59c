package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandler;
import io.netty.channel.ChannelPromise;
import io.netty.channel.CombinedChannelDuplexHandler;
import java.lang.System.Logger.Level;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

import static java.lang.invoke.MethodType.methodType;

/**
 * The handlers that a write passes on its way to the transport: whether all of them are done with its promise when the
 * promise is.
 *
 * <p>A handler that keeps a promise for later mostly says so, by {@code unvoid()} or a listener; but it need not. Netty's own
 * were read one by one, as of 4.2.18: each that keeps one says so. So the ones to beware of have a {@code write} of their
 * own, and that is seen in their class. What a codec of the application inherits from Netty is Netty's.
 *
 * <p>The pipeline is looked at before each write and when it is over, since nobody is told when it changes; a handler that
 * comes and goes in between is not seen. The place where a context keeps its
 * neighbour is private; where it cannot be reached, as for a Netty that is a named module, no handler is known.
 *
 * <p><b>Threading.</b> The handler's executor. <b>Ownership.</b> Keeps nothing. <b>Allocation.</b> None, after the first
 * write through a class of handlers.
 */
final class WritePath {
    /** Not {@code io.netty.incubator} and {@code io.netty.contrib}, which were not read. */
    private static final List<String> NETTY = List.of("io.netty.channel.", "io.netty.handler.");

    /** Stands for a class that gives the promise to no code but Netty's. */
    private static final Class<?> NOBODY = void.class;

    /** The class to vouch for. */
    private static final ClassValue<Class<?>> KEEPER = new ClassValue<>() {
        @Override
        protected Class<?> computeValue(Class<?> type) {
            Class<?> keeper = keeperOf(type);
            if (keeper != NOBODY) {
                System.getLogger("io.valuetask.netty").log(Level.DEBUG,
                        "each write that passes a {0} has a promise"
                                + " of its own, unless ValueTaskChannelOptions.trustedHandlers names {1}",
                        type.getName(),
                        keeper.getName());
            }
            return keeper;
        }
    };

    private static final @Nullable Class<?> CONTEXT;
    /** Of {@code (ChannelHandlerContext)ChannelHandlerContext}: the neighbour that is nearer to the transport. */
    private static final @Nullable MethodHandle NEARER;

    static {
        Class<?> context = null;
        MethodHandle nearer = null;
        try {
            MethodHandles.Lookup inside = MethodHandles.privateLookupIn(ChannelHandlerContext.class,
                    MethodHandles.lookup());
            context = inside.findClass("io.netty.channel.AbstractChannelHandlerContext");
            nearer = inside.findGetter(context, "prev", context)
                    .asType(methodType(ChannelHandlerContext.class, ChannelHandlerContext.class));
        } catch (ReflectiveOperationException | RuntimeException inaccessible) {
            System.getLogger("io.valuetask.netty").log(Level.DEBUG, "each write has a promise of its own",
                    inaccessible);
        }
        CONTEXT = context;
        NEARER = nearer;
    }

    private WritePath() {}

    /** Whether a write from that context gives its promise to nobody but Netty, and handlers which the user vouches for. */
    static boolean isTrusted(ChannelHandlerContext from, Set<Class<?>> vouchedFor) {
        MethodHandle nearer = NEARER;
        if (nearer == null || CONTEXT == null || !CONTEXT.isInstance(from)) {
            return false;
        }
        for (ChannelHandlerContext next = next(nearer, from); next != null; next = next(nearer, next)) {
            Class<?> keeper = KEEPER.get(next.handler().getClass());
            if (keeper != NOBODY && !vouchedFor.contains(keeper)) {
                return false;
            }
        }
        return true;
    }

    private static @Nullable ChannelHandlerContext next(MethodHandle nearer, ChannelHandlerContext context) {
        try {
            return (ChannelHandlerContext) nearer.invokeExact(context);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static Class<?> keeperOf(Class<?> type) {
        if (!ChannelOutboundHandler.class.isAssignableFrom(type)) {
            return NOBODY;
        }
        try {
            Class<?> writer = type
                    .getMethod("write", ChannelHandlerContext.class, Object.class, ChannelPromise.class)
                    .getDeclaringClass();
            // A combination passes the promise on to a handler inside.
            Class<?> keeper = writer == CombinedChannelDuplexHandler.class ? type : writer;
            return isNettys(keeper) && keeper != CombinedChannelDuplexHandler.class ? NOBODY : keeper;
        } catch (NoSuchMethodException impossible) {
            throw new AssertionError(impossible); // the interface has it
        }
    }

    private static boolean isNettys(Class<?> type) {
        return NETTY.stream().anyMatch(type.getName()::startsWith);
    }
}
