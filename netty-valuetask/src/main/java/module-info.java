/**
 * Awaitable Netty channels: one reusable, token-guarded source per direction, no object per operation.
 *
 * <p>Start at {@link io.valuetask.netty.ValueTaskChannelInitializer}; the model is explained in the package page
 * of {@link io.valuetask}.
 */
@SuppressWarnings("requires-automatic") // optional, and has no descriptor of its own
module io.valuetask {
    requires jdk.jfr;
    requires transitive io.netty.transport;
    requires transitive io.netty.buffer;
    requires transitive io.netty.common;
    requires static transitive org.jspecify;

    requires static context.propagation;
    requires static io.netty.handler;

    exports io.valuetask;
    exports io.valuetask.interop;
    exports io.valuetask.netty;
    exports io.valuetask.schedule;
    exports io.valuetask.stream;

    uses io.valuetask.CallerContext;
    uses io.valuetask.ContextPropagation;
    uses io.valuetask.ResultReleaser;

    provides io.valuetask.CallerContext with io.valuetask.schedule.EventLoopCallerContext;
    provides io.valuetask.ContextPropagation with io.valuetask.interop.MicrometerContextPropagation;
    provides io.valuetask.ResultReleaser with io.valuetask.netty.ReferenceCountReleaser;
}
