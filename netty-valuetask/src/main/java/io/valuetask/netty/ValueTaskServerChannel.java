package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.valuetask.AsyncIterator;
import io.valuetask.CancellationToken;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSource;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * A server channel that hands out its connections one by one: {@code accept} as a value task. Get it from
 * {@link #bind(ServerBootstrap, SocketAddress)}. Counterpart of .NET's {@code Socket.AcceptAsync}.
 *
 * {@snippet :
 * ServerBootstrap bootstrap = new ServerBootstrap().group(loops).channel(EpollServerSocketChannel.class);
 * ValueTaskServerChannel<ByteBuf, ByteBuf> server = ValueTaskServerChannel
 *         .<ByteBuf, ByteBuf>bind(bootstrap, new InetSocketAddress(8007)).await();
 * for (;;) {
 *     ValueTaskChannel<ByteBuf, ByteBuf> channel = server.accept().await();
 *     Thread.startVirtualThread(() -> serve(channel));
 * }
 * }
 *
 * <p>Connections are pulled: at most 16 are accepted ahead of those who take them (on io_uring there may be more, see
 * {@linkplain io.valuetask.netty the package}), and further ones wait in the kernel's backlog, or are turned away by it.
 * When the process cannot accept, because it has too many open files, that is logged once, and tried again after a delay
 * that doubles up to a second. A connection whose pipeline cannot be built is closed and not handed out.
 *
 * <p><b>Threading.</b> Every method may be called by any thread; one {@code accept} at a time. Continuations run on
 * the server channel's event loop, those of a cancelled operation where it was cancelled. <b>Ownership.</b> A channel
 * that {@code accept} returned belongs to the caller, who closes it; those that were not taken are closed with the
 * server channel. Whoever got the server channel closes it. <b>Allocation.</b> A few objects per connection, none for
 * {@code accept} itself.
 *
 * @param <I> the type of the messages that are read from its connections
 * @param <O> the type of the messages that are written to them
 */
public final class ValueTaskServerChannel<I, O> implements AutoCloseable {
    private final AcceptHandler<I, O> handler;
    private final Channel channel;
    private final SocketAddress localAddress;

    private ValueTaskServerChannel(AcceptHandler<I, O> handler, Channel channel) {
        this.handler = handler;
        this.channel = channel;
        localAddress = channel.localAddress();
    }

    /**
     * Binds a server channel whose connections have the bootstrap's child handler, if it has one, as their pipeline.
     *
     * @param <I> the type of the messages that are read
     * @param <O> the type of the messages that are written
     * @param bootstrap groups, channel type, options, and the handlers that come first in the pipelines of the server
     *        channel and of its connections; is not changed and may be used again if its handlers may. Its
     *        {@code AUTO_READ} is ignored
     * @param local where to listen; port 0 lets the system choose
     * @return completes with the server channel when it is bound, and fails as Netty's future would: address in use,
     *         event loop shut down
     * @throws IllegalStateException if the bootstrap has no group or no channel type
     */
    public static <I, O> ValueTask<ValueTaskServerChannel<I, O>> bind(ServerBootstrap bootstrap,
            SocketAddress local) {
        return bind(bootstrap, local, pipeline -> {});
    }

    /**
     * As {@link #bind(ServerBootstrap, SocketAddress)}, with handlers that make messages of bytes.
     *
     * @param <I> the type of the messages that the connections' pipelines deliver
     * @param <O> the type of the messages that they take
     * @param bootstrap as above; its child handler comes before those of {@code pipeline}
     * @param local where to listen; port 0 lets the system choose
     * @param pipeline adds handlers to the pipeline of each connection, usually codecs, on the connection's event loop;
     *        if it throws, that connection is closed and Netty logs it
     * @return completes with the server channel when it is bound, and fails as Netty's future would
     * @throws IllegalStateException if the bootstrap has no group or no channel type
     */
    public static <I, O> ValueTask<ValueTaskServerChannel<I, O>> bind(ServerBootstrap bootstrap,
            SocketAddress local, Consumer<? super ChannelPipeline> pipeline) {
        return bind(bootstrap, local, ValueTaskChannelOptions.DEFAULTS, pipeline);
    }

    /**
     * As {@link #bind(ServerBootstrap, SocketAddress, Consumer)}, for connections with other options.
     *
     * @param <I> the type of the messages that the connections' pipelines deliver
     * @param <O> the type of the messages that they take
     * @param bootstrap as above
     * @param local where to listen; port 0 lets the system choose
     * @param options how the connections read ahead, flush and close
     * @param pipeline as above; adds nothing where bytes are what is wanted
     * @return completes with the server channel when it is bound, and fails as Netty's future would
     * @throws IllegalStateException if the bootstrap has no group or no channel type
     */
    public static <I, O> ValueTask<ValueTaskServerChannel<I, O>> bind(ServerBootstrap bootstrap,
            SocketAddress local, ValueTaskChannelOptions options,
            Consumer<? super ChannelPipeline> pipeline) {
        requireNonNull(local, "local");
        PipelineRecipe recipe = new PipelineRecipe(bootstrap.config().childHandler(),
                requireNonNull(options, "options"), requireNonNull(pipeline, "pipeline"));
        ChannelHandler own = bootstrap.config().handler();
        AcceptHandler<I, O> handler = new AcceptHandler<>();
        OpenOperation<ValueTaskServerChannel<I, O>> operation = new OpenOperation<>() {
            @Override
            void succeeded(Channel bound) {
                open(bound, new ValueTaskServerChannel<>(handler, bound));
            }
        };
        ChannelHandler initializer = operation.initializer(server -> {
            if (own != null) {
                server.pipeline().addLast(own);
            }
            server.pipeline().addLast(handler);
        });
        return operation.follow(bootstrap.clone().handler(initializer)
                .childHandler(new ConnectionInitializer(recipe)).bind(local));
    }

    @ChannelHandler.Sharable
    private static final class ConnectionInitializer extends ChannelInitializer<Channel> {
        private final PipelineRecipe recipe;

        ConnectionInitializer(PipelineRecipe recipe) {
            this.recipe = recipe;
        }

        @Override
        protected void initChannel(Channel connection) {
            recipe.apply(connection.pipeline(), Arrival.of(connection)::ready);
        }
    }

    /**
     * Takes the next connection.
     *
     * <p>Completes when a connection has been accepted and is active. Cancelling it, by an interrupt or a timeout too,
     * loses nothing: the connection stays first in the queue. It may have been closed by its peer meanwhile, which its
     * reads tell.
     *
     * @return the connection, never null. Fails with {@link java.nio.channels.ClosedChannelException} once the server
     *         channel is closed, here or with its event loop
     * @throws io.valuetask.ValueTaskMisuseException if another accept is in progress or its result was not taken; that
     *         accept is not affected
     */
    public ValueTask<ValueTaskChannel<I, O>> accept() {
        return accept(CancellationToken.NONE);
    }

    /**
     * Takes the next connection, unless cancellation is requested before there is one. Counterpart of .NET's
     * {@code Socket.AcceptAsync(CancellationToken)}.
     *
     * <p>A token that has fired before gives a cancelled value task and touches nothing, not even a closed server channel
     * or the accept of somebody else. A cancelled accept loses nothing: the connection stays first in the queue.
     *
     * @param cancellation whose request cancels the accept while it waits; its continuation then runs on the thread
     *        that requests
     * @return the connection, never null. Fails as that of {@link #accept()} does, and with a
     *         {@link java.util.concurrent.CancellationException} when it was cancelled
     * @throws io.valuetask.ValueTaskMisuseException if another accept is in progress or its result was not taken; that
     *         accept is not affected
     */
    public ValueTask<ValueTaskChannel<I, O>> accept(CancellationToken cancellation) {
        if (cancellation.isCancellationRequested()) {
            return ValueTask.canceled();
        }
        ReadSource<ValueTaskChannel<I, O>> accepts = handler.accepts();
        return ValueTask.fromSource(neverNull(accepts), accepts.read(cancellation));
    }

    /**
     * The connections that are still to come, as a sequence: for a loop on a virtual thread, or a
     * {@link java.util.concurrent.Flow.Publisher} whose demand is an accept each. A move is an accept: one at a time, and
     * it fails once the server channel is closed. Closing the sequence leaves that open.
     *
     * {@snippet :
     * for (ValueTaskChannel<ByteBuf, ByteBuf> channel : server.connections().iterable()) {
     *     Thread.startVirtualThread(() -> serve(channel));
     * }
     * }
     *
     * @return a view of the accepts
     */
    public AsyncIterator<ValueTaskChannel<I, O>> connections() {
        return new ChannelMessages<>(handler.accepts());
    }

    /** Null would be the end of a stream, and connections have none. */
    @SuppressWarnings("NullAway")
    private static <C> ValueTaskSource<C> neverNull(ValueTaskSource<@Nullable C> source) {
        return source;
    }

    /**
     * The address that the server channel was bound to, with the port that the system chose.
     *
     * @return the same address before and after the close
     */
    public SocketAddress localAddress() {
        return localAddress;
    }

    /**
     * Closes the server channel and the connections that were not taken; a pending accept fails. Connections that were
     * taken go on. Returns at once; to wait for it, await {@link #closed()}. Closing again does nothing and is no mistake.
     */
    @Override
    public void close() {
        channel.close();
    }

    /**
     * Waits until the server channel is closed, here or with its event loop.
     *
     * @return completes when the server channel is closed; each call returns an independent value task
     */
    public ValueTask<@Nullable Void> closed() {
        return handler.closed();
    }

    /**
     * The Netty channel behind this one, for its options and attributes. To read from it or to switch {@code AUTO_READ}
     * on bypasses what is promised here.
     *
     * @return the channel
     */
    public Channel channel() {
        return channel;
    }

    /** Tells the Netty channel, the state of the accept, and how many connections are queued and on their way there. */
    @Override
    public String toString() {
        return "ValueTaskServerChannel[" + channel + ", " + handler.describe() + "]";
    }
}
