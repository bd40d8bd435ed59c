package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.valuetask.schedule.BodyThreads;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
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
    private final @Nullable ChannelHandler pipeline;
    private final Function<ValueTaskChannelOptions, ValueTaskHandler<?, ?>> factory;
    private final ValueTaskChannelOptions options;

    private ValueTaskChannelInitializer(@Nullable ChannelHandler pipeline,
            Function<ValueTaskChannelOptions, ValueTaskHandler<?, ?>> factory,
            ValueTaskChannelOptions options) {
        this.pipeline = pipeline;
        this.factory = factory;
        this.options = options;
    }

    /**
     * Runs a body for each channel, on a virtual thread of its own, once the channel is active. When the body ends,
     * the channel is closed.
     *
     * @param <I> the type of the messages that are read
     * @param <O> the type of the messages that are written
     * @param body what each connection does
     * @return the initializer
     */
    public static <I, O> ValueTaskChannelInitializer serve(ChannelBody<I, O> body) {
        return create(null, starting(body));
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
        return create(Objects.requireNonNull(pipeline, "pipeline"), starting(body));
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
        return new ValueTaskChannelInitializer(pipeline, factory, Objects.requireNonNull(changed, "changed"));
    }

    private static <I, O> ValueTaskChannelInitializer create(@Nullable ChannelHandler pipeline,
            Consumer<? super ValueTaskChannel<I, O>> start) {
        return new ValueTaskChannelInitializer(pipeline,
                options -> new ValueTaskHandler<I, O>(options, start), ValueTaskChannelOptions.DEFAULTS);
    }

    private static <I, O> Consumer<ValueTaskChannel<I, O>> starting(ChannelBody<I, O> body) {
        Objects.requireNonNull(body, "body");
        return channel -> BodyThreads.start(channel.channel().id().asShortText(), () -> run(body, channel));
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
        channel.pipeline().addLast(factory.apply(options));
    }
}
