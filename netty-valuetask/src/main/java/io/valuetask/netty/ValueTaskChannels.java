package io.valuetask.netty;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelPipeline;
import io.valuetask.ValueTask;
import java.net.SocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * Connects channels, and joins two of them. Servers are opened with
 * {@link ValueTaskServerChannel#bind(io.netty.bootstrap.ServerBootstrap, SocketAddress)}.
 *
 * {@snippet :
 * static void serve(ValueTaskChannel<ByteBuf, ByteBuf> client) throws Exception {
 *     Bootstrap bootstrap = new Bootstrap().group(loops).channel(EpollSocketChannel.class);
 *     ValueTaskChannel<ByteBuf, ByteBuf> backend = ValueTaskChannels.<ByteBuf, ByteBuf>connect(bootstrap, address).await();
 *     ValueTaskChannels.relay(client, backend).await();
 * }
 * }
 *
 * <p><b>Threading.</b> Any thread may call, and need not wait: messages go from loop to loop without it, and joined
 * channels may live on the same event loop or on two. Continuations of a connect run on the channel's event loop.
 * <b>Ownership.</b> A connected channel belongs to whoever takes the result, and is closed if nobody is going to: when the
 * task fails or is cancelled, by an interrupt or a timeout too, or is {@linkplain ValueTask#discard() discarded}. To read a
 * channel that is joined is the business of what joins it, until that ends; others may send on it. <b>Allocation.</b> A few
 * objects per operation. None per message while no more than {@linkplain ValueTaskChannelOptions#pooledWrites 64} are in
 * flight on the channel that sends, beyond which each is one object, as with {@link ValueTaskChannel#send}.
 */
public final class ValueTaskChannels {
    private ValueTaskChannels() {}

    /**
     * Connects a channel whose pipeline is the bootstrap's handler, if it has one.
     *
     * @param <I> the type of the messages that are read
     * @param <O> the type of the messages that are written
     * @param bootstrap group, channel type, options, resolver, and the handler that comes first; is not changed and may
     *        be used again if its handler may
     * @param remote where to connect to; resolved if it is not
     * @return completes with the channel when it is connected and active, and fails as Netty's future would: refused,
     *         timed out by {@code CONNECT_TIMEOUT_MILLIS}, unknown host, event loop shut down; also with what the
     *         pipeline's initialization threw. A TLS handshake is the pipeline's business and not waited for
     * @throws IllegalStateException if the bootstrap has no group or no channel type
     */
    public static <I, O> ValueTask<ValueTaskChannel<I, O>> connect(Bootstrap bootstrap,
            SocketAddress remote) {
        return connect(bootstrap, remote, pipeline -> {});
    }

    /**
     * As {@link #connect(Bootstrap, SocketAddress)}, behind handlers that make messages of bytes.
     *
     * @param <I> the type of the messages that the pipeline delivers
     * @param <O> the type of the messages that the pipeline takes
     * @param bootstrap as above; its handler comes before those of {@code pipeline}
     * @param remote where to connect to; resolved if it is not
     * @param pipeline adds handlers, usually codecs, on the channel's event loop; if it throws, the task fails with that
     * @return completes with the channel when it is connected and active, and fails as Netty's future would
     * @throws IllegalStateException if the bootstrap has no group or no channel type
     */
    public static <I, O> ValueTask<ValueTaskChannel<I, O>> connect(Bootstrap bootstrap, SocketAddress remote,
            Consumer<? super ChannelPipeline> pipeline) {
        return connect(bootstrap, remote, ValueTaskChannelOptions.DEFAULTS, pipeline);
    }

    /**
     * As {@link #connect(Bootstrap, SocketAddress, Consumer)}, for a channel with other options.
     *
     * @param <I> the type of the messages that the pipeline delivers
     * @param <O> the type of the messages that the pipeline takes
     * @param bootstrap as above
     * @param remote where to connect to; resolved if it is not
     * @param options how the channel reads ahead, flushes and closes
     * @param pipeline as above; adds nothing where bytes are what is wanted
     * @return completes with the channel when it is connected and active, and fails as Netty's future would
     * @throws IllegalStateException if the bootstrap has no group or no channel type
     */
    public static <I, O> ValueTask<ValueTaskChannel<I, O>> connect(Bootstrap bootstrap, SocketAddress remote,
            ValueTaskChannelOptions options, Consumer<? super ChannelPipeline> pipeline) {
        requireNonNull(remote, "remote");
        PipelineRecipe recipe = new PipelineRecipe(bootstrap.config().handler(),
                requireNonNull(options, "options"), requireNonNull(pipeline, "pipeline"));
        OpenOperation<ValueTaskChannel<I, O>> operation = new OpenOperation<>();
        ChannelHandler initializer = operation
                .initializer(channel -> recipe.<I, O>apply(channel.pipeline(), face -> {
                    if (!operation.open(channel, face)) {
                        face.close(); // with what it has read
                    }
                }));
        return operation.follow(bootstrap.clone().handler(initializer).connect(remote));
    }

    /**
     * Sends on one channel what another one receives, until the end of the stream. Both stay open.
     *
     * <p>No more is taken than can be sent: while the sending channel is above its high-water mark the receiving one is
     * not read, until its peer has to stop, too. To cancel it loses nothing: what was taken was handed to the sending
     * channel when the task is complete, and the rest is still there to be read. Messages go behind what was written to the
     * sending channel before, whichever thread did that.
     *
     * @param <M> the type of the messages
     * @param in from where; nobody else may read it meanwhile
     * @param out where to; what others send meanwhile goes between two messages
     * @return completes when the stream has ended and everything has left for the transport. Fails with what a read or a
     *         send fails with; when {@code out} is closed, with {@link java.nio.channels.ClosedChannelException}, also
     *         while nothing arrives, and what then arrives can be read
     */
    public static <M> ValueTask<@Nullable Void> pump(ValueTaskChannel<? extends M, ?> in,
            ValueTaskChannel<?, ? super M> out) {
        return new Pump<M>(requireNonNull(in, "in"), requireNonNull(out, "out")).start();
    }

    /**
     * Joins two channels in both directions, as a proxy does, and closes both in the end. When one peer has finished, the
     * other one is told by {@link ValueTaskChannel#shutdownOutput()}, and may go on sending; for that both need
     * {@linkplain ValueTaskChannelOptions#halfClosure half-closure}, which is the default. Where the transport cannot do
     * that, the other channel is closed once everything has left, and with it this relay ends. A failure in one direction
     * closes both channels. So does the end of one channel, by whomever, also while the other is silent; but first what its
     * peer has sent is brought to the other, if that peer has finished. To cancel it stops both directions and leaves both
     * channels open, with nothing lost.
     *
     * @param <A> the type of the messages that go from left to right
     * @param <B> the type of the messages that go from right to left
     * @param left one channel; nobody else may read it meanwhile
     * @param right the other one; likewise
     * @return completes when both directions have ended; fails with the first failure of either
     * @throws IllegalArgumentException if both are the same channel
     */
    public static <A, B> ValueTask<@Nullable Void> relay(ValueTaskChannel<A, B> left,
            ValueTaskChannel<B, A> right) {
        requireNonNull(left, "left");
        if (left.equals(requireNonNull(right, "right"))) {
            throw new IllegalArgumentException("both are the same channel: " + left
                    + "; to send back what it receives, use pump(channel, channel)");
        }
        return new Relay(left, right).start();
    }
}
