package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoopGroup;
import io.valuetask.netty.Transport.Habit;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.netty.Listening.LIMIT;
import static io.valuetask.netty.Listening.assertClosedByPeer;
import static org.assertj.core.api.Assertions.assertThat;

/** The server channel on one loop, its connections on others, and whoever accepts on a thread. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
@Timeout(120)
class AcceptRaceTest {
    private static final int AT_ONCE = 50;

    @Parameter
    Transport transport;

    private final Listening listening = new Listening();

    @AfterEach
    void close() throws IOException {
        listening.close();
    }

    private static ServerBootstrap bootstrap(Transport transport, Listening listening) {
        return new ServerBootstrap().channel(transport.serverChannel)
                .group(listening.group(transport.newGroup(1)), listening.group(transport.newGroup(2)));
    }

    /** Connects so many sockets, each of which says its number and waits for the end. */
    private BackgroundCall<Void> connect(int count) {
        return BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
            Semaphore atOnce = new Semaphore(AT_ONCE);
            List<BackgroundCall<Void>> clients = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int number = i;
                atOnce.acquire();
                clients.add(BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
                    try (Socket socket = new Socket()) {
                        socket.setSoTimeout(Call.LIMIT_SECONDS * 1000);
                        socket.connect(listening.server().localAddress());
                        socket.getOutputStream().write((number + "\n").getBytes());
                        assertClosedByPeer(socket);
                        return null;
                    } finally {
                        atOnce.release();
                    }
                }));
            }
            for (BackgroundCall<Void> client : clients) {
                rethrow(client.failure());
            }
            return null;
        });
    }

    private static void rethrow(Throwable failure) throws Exception {
        if (failure != null) {
            throw new Exception("a client failed", failure);
        }
    }

    @Test
    void accept_ofAThousandConnections_takesEachOnce() throws Throwable {
        int before = Descriptors.count();
        int count = 1000;
        try (Listening own = listening.bind(bootstrap(transport, listening))) {
            BackgroundCall<Void> clients = connect(count);
            Set<Integer> numbers = new ConcurrentSkipListSet<>();
            List<BackgroundCall<Boolean>> bodies = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ValueTaskChannel<ByteBuf, ByteBuf> channel = own.accept();
                bodies.add(BackgroundCall.start(BackgroundCall.Kind.VIRTUAL,
                        () -> numbers.add(Listening.numberOf(channel))));
            }
            for (BackgroundCall<Boolean> body : bodies) {
                assertThat(body.result()).as("the first with its number").isTrue();
            }
            assertThat(numbers).hasSize(count).contains(0, count - 1);
            assertThat(clients.result()).isNull();
            own.awaitQueued(0);
        }
        Descriptors.awaitAtMost(before);
    }

    @Test
    void cancel_againstTheNextConnection_losesNone() throws Throwable {
        int count = 300;
        listening.bind(bootstrap(transport, listening));
        BackgroundCall<Void> clients = connect(count);
        Random random = new Random(42);
        Set<Integer> numbers = new ConcurrentSkipListSet<>();
        int patience = 1;
        while (numbers.size() < count) {
            var accept = listening.server().accept().toCompletableFuture();
            for (int spins = random.nextInt(patience); spins > 0; spins--) {
                Thread.onSpinWait();
            }
            if (accept.cancel(true)) {
                patience = Math.min(2 * patience, 1 << 20);
            } else {
                patience = Math.max(patience / 2, 1);
                int number = Listening.numberOf(accept.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS));
                assertThat(numbers.add(number)).as("%s for the first time", number).isTrue();
            }
        }
        assertThat(clients.result()).isNull();
    }

    /** Some are refused, some closed, some taken; none is left over. */
    @RepeatedTest(20)
    void end_amidConnections_leavesNoneOver(RepetitionInfo repetition) throws Throwable {
        int before = Descriptors.count();
        boolean shutDown = repetition.getCurrentRepetition() % 2 == 0;
        if (shutDown) {
            transport.requires(Habit.ANSWERS_FOR_WHAT_IT_ACCEPTS_LAST);
        }
        try (Listening own = new Listening()) {
            EventLoopGroup loops = own.group(transport.newGroup(1));
            ValueTaskServerChannel<ByteBuf, ByteBuf> server = own
                    .bind(new ServerBootstrap().channel(transport.serverChannel).group(loops,
                            own.group(transport.newGroup(1))))
                    .server();
            BackgroundCall<Void> acceptor = BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
                for (;;) {
                    server.accept().await().close();
                }
            });
            List<BackgroundCall<Void>> clients = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                if (i == 20 && shutDown) {
                    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
                } else if (i == 20) {
                    server.close();
                }
                clients.add(BackgroundCall.start(BackgroundCall.Kind.VIRTUAL, () -> {
                    try (Socket socket = new Socket()) {
                        socket.connect(server.localAddress());
                        socket.getOutputStream().write("hello".getBytes());
                    }
                    return null;
                }));
            }
            assertThat(acceptor.failure()).isInstanceOf(ClosedChannelException.class);
            for (BackgroundCall<Void> client : clients) {
                client.failure(); // where it was refused
            }
            assertThat(server.closed().await(LIMIT)).isNull();
        }
        Descriptors.awaitAtMost(before);
    }

    /** Where the file stays open, on io_uring, nobody closes it any more; who waits for the end is told all the same. */
    @RepeatedTest(20)
    void closed_whenTheLoopEndsAmidTheClose_isTold(RepetitionInfo repetition) throws Exception {
        try (Listening own = new Listening()) {
            EventLoopGroup loops = own.group(transport.newGroup(1));
            ValueTaskServerChannel<ByteBuf, ByteBuf> server = own.bind(new ServerBootstrap()
                    .channel(transport.serverChannel).group(loops, own.group(transport.newGroup(1))))
                    .server();
            server.close();
            for (int spins = repetition.getCurrentRepetition() * 100; spins > 0; spins--) {
                Thread.onSpinWait();
            }
            loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);
            assertThat(server.closed().await(LIMIT)).isNull();
        }
    }
}
