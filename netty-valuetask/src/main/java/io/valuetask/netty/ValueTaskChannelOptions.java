package io.valuetask.netty;

import io.netty.channel.ChannelHandler;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;

import static java.util.Objects.requireNonNull;

/**
 * How a channel reads ahead, flushes and closes. Start from {@link #DEFAULTS} and change what you need; every method
 * answers a changed copy.
 *
 * <p><b>Threading.</b> Immutable, shared by any number of channels. <b>Ownership.</b> None. <b>Allocation.</b> One object
 * per change.
 */
public final class ValueTaskChannelOptions {
    /**
     * Reads ahead up to 64 messages and 64 KiB, flushes at the end of a turn, lets accepted writes leave for ten seconds
     * after {@code close()}, keeps 64 writes for reuse, and outlives the peer's FIN.
     */
    public static final ValueTaskChannelOptions DEFAULTS = new ValueTaskChannelOptions(new Values());

    private static final Duration LONGEST = Duration.ofNanos(Long.MAX_VALUE);

    /** Not changed once they are in options. */
    private static final class Values {
        int maxQueuedMessages = 64;
        int maxQueuedBytes = 64 * 1024;
        boolean readAhead = true;
        FlushPolicy flushPolicy = FlushPolicy.END_OF_TURN;
        Duration closeDeadline = Duration.ofSeconds(10);
        int pooledWrites = 64;
        Set<Class<?>> trustedHandlers = Set.of();
        boolean halfClosure = true;

        Values copy() {
            Values copy = new Values();
            copy.maxQueuedMessages = maxQueuedMessages;
            copy.maxQueuedBytes = maxQueuedBytes;
            copy.readAhead = readAhead;
            copy.flushPolicy = flushPolicy;
            copy.closeDeadline = closeDeadline;
            copy.pooledWrites = pooledWrites;
            copy.trustedHandlers = trustedHandlers;
            copy.halfClosure = halfClosure;
            return copy;
        }
    }

    private final Values values;

    private ValueTaskChannelOptions(Values values) {
        this.values = values;
    }

    private ValueTaskChannelOptions with(Consumer<Values> change) {
        Values changed = values.copy();
        change.accept(changed);
        return new ValueTaskChannelOptions(changed);
    }

    /**
     * Bounds what waits to be read: at either mark the transport is asked for no more, until half of it is taken. What
     * comes unasked is queued beyond the marks, and has its bounds, too:
     *
     * <ul>
     * <li>What one read of the transport brings, when there was room for one more: a buffer of bytes, by default 64 KiB at
     * most ({@link io.netty.channel.ChannelOption#RECVBUF_ALLOCATOR}), or all messages that the decoders find in that
     * buffer.</li>
     * <li>On epoll and io_uring, what the kernel holds when the peer's FIN is there: the transport then reads to the end at
     * once. That is no more than {@link io.netty.channel.ChannelOption#SO_RCVBUF}.</li>
     * <li>One read more, where a handler before this channel's asks for it by itself before the marks are known to be
     * reached, as Netty's aggregators of HTTP and WebSocket do after each read that ends amid a message. What they ask for
     * at the marks is held back, until there is room, by a handler that the channel puts first in its pipeline the first
     * time it reaches them: name yours by their names or types, and not by {@code removeFirst()}.</li>
     * </ul>
     *
     * @param messages how many messages may wait, at least 2
     * @param bytes how many bytes may wait, at least 2
     * @return changed options
     */
    public ValueTaskChannelOptions inboundBounds(int messages, int bytes) {
        requireAtLeast(2, messages, "messages");
        requireAtLeast(2, bytes, "bytes");
        return with(changed -> {
            changed.maxQueuedMessages = messages;
            changed.maxQueuedBytes = bytes;
        });
    }

    /**
     * Whether the transport is asked for messages before somebody reads. If not, it is asked for one batch only while a
     * read is pending: nothing but what a batch brings is ever held, and on NIO a peer that goes away while nobody reads
     * is noticed with the next read only.
     *
     * @param ahead false for a strict pull
     * @return changed options
     */
    public ValueTaskChannelOptions readAhead(boolean ahead) {
        return with(changed -> changed.readAhead = ahead);
    }

    /**
     * When messages are flushed.
     *
     * @param policy the policy
     * @return changed options
     */
    public ValueTaskChannelOptions flushPolicy(FlushPolicy policy) {
        requireNonNull(policy, "policy");
        return with(changed -> changed.flushPolicy = policy);
    }

    /**
     * How long {@code close()} waits for accepted writes to leave.
     *
     * @param deadline the time; zero waits for nothing that does not leave at once
     * @return changed options
     */
    public ValueTaskChannelOptions closeDeadline(Duration deadline) {
        if (deadline.isNegative()) {
            throw new IllegalArgumentException("deadline: " + deadline + " (expected: >= 0)");
        }
        // A long of nanoseconds ends after 292 years.
        Duration bounded = deadline.compareTo(LONGEST) < 0 ? deadline : LONGEST;
        return with(changed -> changed.closeDeadline = bounded);
    }

    /**
     * How many writes that are in flight at once are kept for reuse; each beyond is an object, which
     * {@link ValueTaskChannel#toString()} counts as {@code unpooled}. Each is made when it is needed first and kept as long
     * as the channel is, some 130 bytes. Zero switches reuse off: then every write has a promise of its own. So has a write
     * that passes a handler which may keep its promise, see {@link #trustedHandlers}.
     *
     * @param writes how many
     * @return changed options
     */
    public ValueTaskChannelOptions pooledWrites(int writes) {
        requireAtLeast(0, writes, "writes");
        return with(changed -> changed.pooledWrites = writes);
    }

    /**
     * Vouches for handlers of the application, between the channel and its transport, that have a {@code write} method of
     * their own: what it does with the promise of a write, it does before that is done, or it asks for it by
     * {@code unvoid()} or adds its listeners before; it does not look at it, complete it, or listen to it afterwards.
     * Nearly every handler is so. One that is not, and is vouched for, may be told the outcome of a later write, or complete
     * one that has not left.
     *
     * <p>Writes that pass only such handlers and Netty's are used again. One that passes any other has a promise of its own,
     * some 130 bytes, and {@link ValueTaskChannel#toString()} counts it as {@code untrusted}. Encoders that extend one of Netty's need no word, since it is Netty's
     * {@code write} that they have. What is named is the class that declares {@code write}; or the class of the handler, where
     * that is a {@link io.netty.channel.CombinedChannelDuplexHandler}.
     *
     * <p>What is not seen is code of the application inside one of Netty's handlers that gets the promise there, such as an
     * {@code Http2ConnectionEncoder} that decorates Netty's; where that keeps promises, switch reuse off.
     *
     * <p>Where Netty is a named module that is not open to this one, no handler can be seen, and each write has a promise of
     * its own; {@code --add-opens io.netty.transport/io.netty.channel=io.valuetask} opens it.
     *
     * @param handlers the classes, in place of those named before
     * @return changed options
     */
    @SafeVarargs
    public final ValueTaskChannelOptions trustedHandlers(Class<? extends ChannelHandler>... handlers) {
        Set<Class<?>> all = new HashSet<>();
        for (Class<? extends ChannelHandler> handler : handlers) {
            all.add(requireNonNull(handler, "handlers"));
        }
        Set<Class<?>> trusted = Set.copyOf(all);
        return with(changed -> changed.trustedHandlers = trusted);
    }

    /**
     * Whether the two directions end one by one, where the transport can do that. If so, the peer's FIN is the end of
     * what can be read, and what was received may still be answered until {@link ValueTaskChannel#close()}. If not, it
     * closes the channel; reads still answer what had arrived. TLS has such an end of its own, which counts as the FIN.
     *
     * <p>Netty's own epoll transport, 4.2.13 to 4.2.20 at least, fails a write that has to wait for room after the peer's FIN.
     * The channel makes up for that, unless Netty is a named module that is not open to this one: there, such a write fails.
     *
     * @param allowed false to close the channel at the peer's FIN
     * @return changed options
     */
    public ValueTaskChannelOptions halfClosure(boolean allowed) {
        return with(changed -> changed.halfClosure = allowed);
    }

    private static void requireAtLeast(int least, int value, String name) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }

    int maxQueuedMessages() {
        return values.maxQueuedMessages;
    }

    int maxQueuedBytes() {
        return values.maxQueuedBytes;
    }

    boolean readsAhead() {
        return values.readAhead;
    }

    FlushPolicy flushPolicy() {
        return values.flushPolicy;
    }

    Duration closeDeadline() {
        return values.closeDeadline;
    }

    int pooledWrites() {
        return values.pooledWrites;
    }

    Set<Class<?>> trustedHandlers() {
        return values.trustedHandlers;
    }

    boolean halfClosure() {
        return values.halfClosure;
    }

    /** Tells every option. */
    @Override
    public String toString() {
        return "ValueTaskChannelOptions[maxQueuedMessages=" + maxQueuedMessages() + ", maxQueuedBytes="
                + maxQueuedBytes() + ", readAhead=" + readsAhead() + ", flushPolicy=" + flushPolicy()
                + ", closeDeadline=" + closeDeadline() + ", pooledWrites=" + pooledWrites()
                + ", trustedHandlers="
                + trustedHandlers().stream().map(Class::getName).sorted().toList() + ", halfClosure="
                + halfClosure() + "]";
    }
}
