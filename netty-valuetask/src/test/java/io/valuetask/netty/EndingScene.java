package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.DecoderException;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.netty.EndingTable.Ending;
import io.valuetask.netty.EndingTable.Operation;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import static org.assertj.core.api.Assertions.assertThat;

/** Where one operation meets one ending. Nothing is left when it is closed, which ends what has not ended by then. */
abstract class EndingScene implements AutoCloseable {
    static final Duration SHORT = Duration.ofMillis(1);

    /** Kept from the log: a failure that no operation reads is reported there. */
    private final Warnings warnings = new Warnings();
    final DecoderException planted = new DecoderException("planted");
    final CancellationTokenSource canceller = new CancellationTokenSource();
    final Operation operation;
    final Ending ending;
    final int queued;

    EndingScene(Operation operation, Ending ending, int queued) {
        this.operation = operation;
        this.ending = ending;
        this.queued = queued;
    }

    /** With so many messages, events or connections that wait before the operation. */
    static EndingScene open(Transport transport, Operation operation, Ending ending, int queued)
            throws Exception {
        return operation.isOfServer() || operation.isOpening()
                ? new OpeningScene(transport, operation, ending, queued)
                : new ConnectionScene(transport, operation, ending, queued);
    }

    /** The event loop of what ends. */
    abstract EventLoop loop();

    abstract ValueTask<Object> start();

    /** Returns when the operation has reached the event loop. */
    abstract void awaitStarted() throws Exception;

    /** Returns when the channel knows. */
    abstract void end() throws Exception;

    /** Whether that is no end of the operation. */
    final boolean goesOn() {
        return EndingTable.outcome(operation, ending, queued).equals(EndingTable.GOES_ON);
    }

    final void endLoops() throws InterruptedException {
        loop().parent().shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(loop().awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    /** The word of the table for a result; what it brings is given up. */
    final String outcomeOf(Object result) {
        return switch (result) {
            case null -> operation.isRead() ? "end" : "done";
            case ByteBuf message -> {
                message.release();
                yield "message";
            }
            case ValueTaskChannel<?, ?> channel -> {
                channel.close();
                yield "channel";
            }
            case ValueTaskServerChannel<?, ?> channel -> {
                channel.close();
                yield "channel";
            }
            case Boolean moved -> outcomeOfMove(moved);
            default -> result.getClass().getSimpleName().toLowerCase(Locale.ROOT);
        };
    }

    String outcomeOfMove(boolean moved) {
        throw new AssertionError("no iterator has moved: " + moved);
    }

    /** The word of the table for a failure; one that it does not know as it is. */
    final String outcomeOf(Throwable failure) {
        return switch (failure) {
            case DecoderException reported when reported == planted -> "reported";
            case InterruptedException _ -> "interrupted";
            case TimeoutException _ -> "timeout";
            case SocketTimeoutException _ -> "late";
            case CancellationException _ -> "canceled";
            case ClosedChannelException _ -> "closed";
            case IOException io when String.valueOf(io.getMessage()).contains("was removed") -> "removed";
            case IOException _ -> "io";
            default -> failure.toString();
        };
    }

    @Override
    public void close() {
        warnings.close();
    }
}
