package io.valuetask.netty;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.valuetask.schedule.BodyScheduling;
import io.valuetask.schedule.EventLoopVirtualThreads;
import java.lang.System.Logger.Level;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Gives each new channel a {@link ValueTaskHandler} at the end of its pipeline, and somebody to serve it. Pass it
 * to {@code ServerBootstrap.childHandler} or {@code Bootstrap.handler}.
 *
 * {@snippet :
 * new ServerBootstrap()
 *         .group(loops)
 *         .channel(EpollServerSocketChannel.class)
 *         .childHandler(ValueTaskChannelInitializer.serve(EchoServer::serve))
 *         .bind(8007);
 * }
 *
 * <p><b>Threading.</b> One initializer serves any number of channels at once. <b>Ownership.</b> As
 * {@link ChannelBody} and {@link ValueTaskChannel} say. <b>Allocation.</b> Per channel only.
 */
@ChannelHandler.Sharable
public final class ValueTaskChannelInitializer extends ChannelInitializer<Channel> {
    private static final System.Logger LOGGER = System.getLogger(ValueTaskChannelInitializer.class.getName());
    private static final AtomicBoolean TOLD_OF_POOL = new AtomicBoolean();

    private final @Nullable ChannelHandler pipeline;
    private final HandlerFactory factory;
    private final ValueTaskChannelOptions options;
    private final BodyScheduling scheduling;

    private ValueTaskChannelInitializer(@Nullable ChannelHandler pipeline, HandlerFactory factory,
            ValueTaskChannelOptions options, BodyScheduling scheduling) {
        this.pipeline = pipeline;
        this.factory = factory;
        this.options = options;
        this.scheduling = scheduling;
    }

    /** Makes the handler of one channel. */
    @FunctionalInterface
    private interface HandlerFactory {
        ValueTaskHandler<?, ?> create(ValueTaskChannelOptions options, BodyScheduling scheduling);
    }

    /**
     * Runs a body for each channel, on a virtual thread of its own, once the channel is active. When the body ends,
     * the channel is closed, unless it was {@linkplain ValueTaskChannel#handOver handed over}. The thread is carried by the
     * channel's event loop where that is possible, see {@link EventLoopVirtualThreads}: then a body costs about what a
     * callback costs, and must not compute for long. Of itself that is not done for channels with a
     * {@code PooledByteBufAllocator}.
     *
     * @param <I> the type of the messages that are read
     * @param <O> the type of the messages that are written
     * @param body what each connection does
     * @return the initializer
     */
    public static <I, O> ValueTaskChannelInitializer serve(ChannelBody<I, O> body) {
        return serving(null, body);
    }

    /**
     * As {@link #serve(ChannelBody)}, behind other handlers.
     *
     * @param <I> the type of the messages that are read
     * @param <O> the type of the messages that are written
     * @param pipeline what comes before, usually a {@link ChannelInitializer} that adds codecs; must be sharable if
     *        it is to serve more than one channel, as every {@code ChannelInitializer} may be
     * @param body what each connection does
     * @return the initializer
     */
    public static <I, O> ValueTaskChannelInitializer serve(ChannelHandler pipeline, ChannelBody<I, O> body) {
        return serving(Objects.requireNonNull(pipeline, "pipeline"), body);
    }

    /**
     * Calls {@code start} for each channel on its event loop once it is active, for code made of continuations. It
     * must not block. Whoever it starts closes the channel.
     *
     * @param <I> the type of the messages that are read
     * @param <O> the type of the messages that are written
     * @param start what each connection begins with
     * @return the initializer
     */
    public static <I, O> ValueTaskChannelInitializer onActive(
            Consumer<? super ValueTaskChannel<I, O>> start) {
        return create(null, Objects.requireNonNull(start, "start"));
    }

    /**
     * As {@link #onActive(Consumer)}, behind other handlers.
     *
     * @param <I> the type of the messages that are read
     * @param <O> the type of the messages that are written
     * @param pipeline what comes before, as for {@link #serve(ChannelHandler, ChannelBody)}
     * @param start what each connection begins with
     * @return the initializer
     */
    public static <I, O> ValueTaskChannelInitializer onActive(ChannelHandler pipeline,
            Consumer<? super ValueTaskChannel<I, O>> start) {
        return create(Objects.requireNonNull(pipeline, "pipeline"), Objects.requireNonNull(start, "start"));
    }

    /**
     * The same, for channels with other options.
     *
     * @param changed how the channels read ahead, flush and close
     * @return another initializer
     */
    public ValueTaskChannelInitializer options(ValueTaskChannelOptions changed) {
        return new ValueTaskChannelInitializer(pipeline, factory, Objects.requireNonNull(changed, "changed"),
                scheduling);
    }

    /**
     * The same, with bodies that another scheduler runs. For {@code serve}; continuations run on the event loop anyway.
     *
     * @param changed which one; {@link BodyScheduling#AUTOMATIC} unless said
     * @return another initializer
     */
    public ValueTaskChannelInitializer scheduling(BodyScheduling changed) {
        return new ValueTaskChannelInitializer(pipeline, factory, options,
                Objects.requireNonNull(changed, "changed"));
    }

    private static <I, O> ValueTaskChannelInitializer create(@Nullable ChannelHandler pipeline,
            Consumer<? super ValueTaskChannel<I, O>> start) {
        return new ValueTaskChannelInitializer(pipeline,
                (options, scheduling) -> new ValueTaskHandler<I, O>(options, start),
                ValueTaskChannelOptions.DEFAULTS, BodyScheduling.AUTOMATIC);
    }

    private static <I, O> ValueTaskChannelInitializer serving(@Nullable ChannelHandler pipeline,
            ChannelBody<I, O> body) {
        Objects.requireNonNull(body, "body");
        return new ValueTaskChannelInitializer(pipeline,
                (options, scheduling) -> new ValueTaskHandler<I, O>(options,
                        channel -> start(scheduling, body, channel)),
                ValueTaskChannelOptions.DEFAULTS, BodyScheduling.AUTOMATIC);
    }

    private static <I, O> void start(BodyScheduling scheduling, ChannelBody<I, O> body,
            ValueTaskChannel<I, O> channel) {
        Channel served = channel.channel();
        EventLoopVirtualThreads.create(safe(scheduling.resolved(), served), served.eventLoop(),
                "valuetask-" + served.id().asShortText(), () -> run(body, channel)).start();
    }

    /** A body that takes the pool's locks may hold up the loop, see {@link EventLoopVirtualThreads}. */
    private static BodyScheduling safe(BodyScheduling wanted, Channel served) {
        if (wanted != BodyScheduling.AUTOMATIC
                || !(served.config().getAllocator() instanceof PooledByteBufAllocator)) {
            return wanted;
        }
        if (EventLoopVirtualThreads.isSupported() && TOLD_OF_POOL.compareAndSet(false, true)) {
            LOGGER.log(Level.INFO,
                    "bodies run on the common scheduler, and not on their channels' event loops, since"
                            + " these channels have a PooledByteBufAllocator, whose locks a loop and its bodies must not share."
                            + " Use Netty's default, the adaptive one; or, where no body allocates or releases a buffer,"
                            + " scheduling(BodyScheduling.EVENT_LOOP)");
        }
        return BodyScheduling.COMMON;
    }

    private static <I, O> void run(ChannelBody<I, O> body, ValueTaskChannel<I, O> channel) {
        try {
            body.run(channel);
        } catch (Throwable failure) {
            BodyFailures.report(channel, failure);
        } finally {
            channel.close();
        }
    }

    @Override
    protected void initChannel(Channel channel) {
        if (pipeline != null) {
            channel.pipeline().addLast(pipeline);
        }
        channel.pipeline().addLast(factory.create(options, scheduling));
    }
}
