package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFactory;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.net.SocketException;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static io.valuetask.netty.Listening.LIMIT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A server channel whose accept fails, as with too many open files. */
class AcceptFailureTest {
    private final Listening listening = new Listening();
    private final Warnings warnings = new Warnings();

    @AfterEach
    void close() throws IOException {
        warnings.close();
        listening.close();
    }

    private static final class FailingServerChannel extends NioServerSocketChannel {
        private final Exception cause;
        private final int failures;
        private volatile int failed;
        private volatile long firstFailure;
        private volatile long firstSuccess;

        FailingServerChannel(Exception cause, int failures) {
            this.cause = cause;
            this.failures = failures;
        }

        @Override
        protected int doReadMessages(List<Object> buffer) throws Exception {
            if (failed < failures) {
                if (failed == 0) {
                    firstFailure = System.nanoTime();
                }
                failed++;
                throw cause;
            }
            if (firstSuccess == 0) {
                firstSuccess = System.nanoTime();
            }
            return super.doReadMessages(buffer);
        }
    }

    private ValueTaskServerChannel<ByteBuf, ByteBuf> bind(FailingServerChannel channel) throws Exception {
        ChannelFactory<FailingServerChannel> factory = () -> channel;
        return listening.bind(new ServerBootstrap().group(listening.group(Transport.NIO.newGroup(1)))
                .channelFactory(factory)).server();
    }

    @Test
    void accept_whenTheFirstAttemptsFail_triesAgainLaterAndTakesTheConnection() throws Exception {
        IOException tooMany = new IOException("Too many open files");
        FailingServerChannel channel = new FailingServerChannel(tooMany, 4);
        bind(channel);

        listening.connect(3);

        assertThat(Listening.numberOf(listening.accept())).isEqualTo(3);
        assertThat(warnings.thrown()).as("once").containsExactly(tooMany);
        // One attempt after each delay; a clock may be late, but it is never early.
        assertThat(TimeUnit.NANOSECONDS.toMillis(channel.firstSuccess - channel.firstFailure))
                .isGreaterThanOrEqualTo(5 + 10 + 20 + 40 - 1);
    }

    @Test
    void close_whileAcceptFails_ends() throws Exception {
        FailingServerChannel channel = new FailingServerChannel(new IOException("Too many open files"),
                Integer.MAX_VALUE);
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind(channel);
        ValueTask<?> accept = server.accept();
        listening.connect();
        Descriptors.awaitAtMost("without a failure", 0, () -> channel.failed > 1 ? 0 : 1);

        Closing.close(server).await(LIMIT);

        assertThatThrownBy(() -> accept.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
    }

    /** Netty closes a server channel for what is not an IOException. */
    @Test
    void accept_whenTheTransportGivesUp_failsAndTheCauseIsLogged() throws Exception {
        IllegalStateException planted = new IllegalStateException("planted");
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind(new FailingServerChannel(planted, 1));
        ValueTask<?> accept = server.accept();

        try {
            listening.connect();
        } catch (SocketException reset) {
            // The server channel may be closed before this has returned.
        }

        assertThatThrownBy(() -> accept.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThat(server.closed().await(LIMIT)).isNull();
        assertThat(warnings.thrown()).containsExactly(planted);
    }
}
