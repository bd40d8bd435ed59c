package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelOption;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.netty.Listening.LIMIT;
import static io.valuetask.netty.Listening.assertClosedByPeer;
import static org.assertj.core.api.Assertions.assertThat;

/** Connections that are taken otherwise than by a plain accept, or have other options. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class AcceptFormsTest {
    @Parameter
    Transport transport;

    private final Listening listening = new Listening();

    @AfterEach
    void close() throws IOException {
        listening.close();
    }

    @Test
    void accept_withATokenThatFires_isCancelledAndLosesNoConnection() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = listening.bind(listening.bootstrap(transport))
                .server();
        try (CancellationTokenSource stop = new CancellationTokenSource()) {
            ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> waiting = server.accept(stop.token());
            stop.cancel();

            assertThat(waiting.isCanceled()).isTrue();
            waiting.discard();
            ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> other = server.accept();
            assertThat(server.accept(stop.token()).isCanceled()).as("and does not touch the other").isTrue();
            listening.connect(1);
            assertThat(Listening.numberOf(other.await(LIMIT))).isEqualTo(1);
        }
    }

    @Test
    void connections_inALoop_areTakenUntilTheServerIsClosed() throws Throwable {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = listening.bind(listening.bootstrap(transport))
                .server();
        List<Integer> numbers = new ArrayList<>();
        BackgroundCall<Void> loop = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
            for (ValueTaskChannel<ByteBuf, ByteBuf> channel : server.connections().iterable()) {
                numbers.add(Listening.numberOf(channel));
            }
            return null;
        });
        for (int i = 0; i < 3; i++) {
            assertClosedByPeer(listening.connect(i)); // once it is known
        }

        server.close();

        assertThat(loop.failure()).isInstanceOf(UncheckedIOException.class)
                .hasCauseInstanceOf(ClosedChannelException.class);
        assertThat(numbers).containsExactly(0, 1, 2);
    }

    @Test
    void bind_withOptions_givesThemToItsConnections() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = ValueTaskServerChannel
                .<ByteBuf, ByteBuf>bind(listening.bootstrap(transport), Listening.anyPort(),
                        ValueTaskChannelOptions.DEFAULTS.halfClosure(false), pipeline -> {})
                .await(LIMIT);
        try (Socket socket = new Socket()) {
            socket.connect(server.localAddress());
            ValueTaskChannel<ByteBuf, ByteBuf> channel = server.accept().await(LIMIT);

            assertThat(channel.channel().config().getOption(ChannelOption.ALLOW_HALF_CLOSURE)).isFalse();
            Closing.close(channel).await(LIMIT);
        }
        Closing.close(server).await(LIMIT);
    }
}
