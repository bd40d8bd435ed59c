/**
 * Awaitable Netty channels: one reusable, token-guarded source per direction, no object per operation.
 *
 * <p>Start at {@link io.valuetask.netty.ValueTaskChannelInitializer}; the model is explained in the package page
 * of {@link io.valuetask}.
 */
module io.valuetask {
    requires transitive io.netty.transport;
    requires io.netty.common;
    requires io.netty.buffer;
    requires static transitive org.jspecify;

    exports io.valuetask;
    exports io.valuetask.netty;
    exports io.valuetask.schedule;

    uses io.valuetask.CallerContext;

    provides io.valuetask.CallerContext with io.valuetask.schedule.EventLoopCallerContext;
}
