package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ValueTask;
import java.util.List;
import java.util.function.Function;

/** The operations of a channel, each of which stays pending behind a write that stalls, as long as a test wants. */
enum PendingOperation {
    READ(ValueTaskChannel::read),
    WRITE(channel -> channel.write(Bytes.of("x"))),
    WRITE_AND_FLUSH(channel -> channel.writeAndFlush(Bytes.of("x"))),
    WRITE_ALL(channel -> channel.writeAll(List.of(Bytes.of("x"), Bytes.of("y")))),
    FLUSH(ValueTaskChannel::flush),
    SEND(channel -> channel.send(Bytes.of("x"))),
    WRITABLE(ValueTaskChannel::writable),
    READ_EVENT(ValueTaskChannel::readEvent),
    SHUTDOWN_OUTPUT(ValueTaskChannel::shutdownOutput),
    CLOSED(ValueTaskChannel::closed),
    CLOSE(Closing::close);

    private final Function<ValueTaskChannel<ByteBuf, ByteBuf>, ValueTask<?>> start;

    PendingOperation(Function<ValueTaskChannel<ByteBuf, ByteBuf>, ValueTask<?>> start) {
        this.start = start;
    }

    @SuppressWarnings("unchecked")
    ValueTask<Object> start(ValueTaskChannel<ByteBuf, ByteBuf> server) {
        return (ValueTask<Object>) start.apply(server);
    }

    /** Lets it complete: the client reads what stalled, and what this operation waits for happens. */
    void letComplete(ValueTaskChannel<ByteBuf, ByteBuf> server, ValueTaskChannel<ByteBuf, ByteBuf> client)
            throws Exception {
        switch (this) {
            case READ -> client.writeAndFlush(Bytes.of("x")).await();
            case WRITE -> server.flush().discard();
            case READ_EVENT -> server.channel().pipeline().fireUserEventTriggered("an event");
            case CLOSED -> Closing.close(server).discard();
            default -> {}
        }
        Streams.read(client, ConformanceFixture.LARGE);
    }
}
