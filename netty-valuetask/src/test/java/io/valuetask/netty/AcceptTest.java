package io.valuetask.netty;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.local.LocalIoHandler;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.netty.Transport.Habit;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.netty.Listening.LIMIT;
import static io.valuetask.netty.Listening.assertClosedByPeer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Connections over real sockets: each goes to one accept, or is closed. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class AcceptTest {
    @Parameter
    Transport transport;

    private final Listening listening = new Listening();

    @AfterEach
    void close() throws IOException {
        listening.close();
    }

    private ServerBootstrap bootstrap() {
        return listening.bootstrap(transport);
    }

    private ValueTaskServerChannel<ByteBuf, ByteBuf> bind() throws Exception {
        return listening.bind(bootstrap()).server();
    }

    @ParameterizedTest
    @EnumSource
    void accept_whenNobodyConnectsYet_waitsForTheFirst(BackgroundCall.Kind kind) throws Throwable {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();
        BackgroundCall<ValueTaskChannel<ByteBuf, ByteBuf>> accept = BackgroundCall
                .start(kind, () -> server.accept().await()).awaitParked();

        listening.connect(7);

        assertThat(Listening.numberOf(accept.result())).isEqualTo(7);
    }

    @Test
    void accept_withAContinuation_runsItOnTheServersLoop() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();
        CompletableFuture<Boolean> onLoop = new CompletableFuture<>();
        ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> accept = server.accept();
        assertThat(accept.onCompleted(loop -> onLoop.complete(loop.inEventLoop()),
                server.channel().eventLoop())).isTrue();

        listening.connect();

        assertThat(onLoop.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        Closing.close(accept.result()).await(LIMIT);
    }

    @Test
    void accept_whileAnotherIsPending_isRefusedAndTheFirstIsServed() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();
        ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> first = server.accept();

        assertThatThrownBy(server::accept).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("still in progress");
        listening.connect(1);

        assertThat(Listening.numberOf(first.await(LIMIT))).isEqualTo(1);
    }

    @Test
    void accept_thatWasCancelled_losesNoConnection() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();
        assertThatThrownBy(() -> server.accept().await(Duration.ofMillis(5)))
                .isInstanceOf(TimeoutException.class);
        BackgroundCall<?> interrupted = BackgroundCall
                .start(BackgroundCall.Kind.VIRTUAL, () -> server.accept().await()).awaitParked();
        interrupted.thread().interrupt();
        assertThat(interrupted.failure()).isInstanceOf(InterruptedException.class);

        for (int i = 0; i < 3; i++) {
            listening.connect(i);
            listening.awaitQueued(1);
            assertThat(Listening.numberOf(listening.accept())).isEqualTo(i);
        }
    }

    @Test
    void discard_ofAnAccept_closesTheNextConnection() throws Exception {
        bind().accept().discard();

        assertClosedByPeer(listening.connect());
        listening.connect(2);
        assertThat(Listening.numberOf(listening.accept())).isEqualTo(2);
    }

    // A bounded number is held

    @Test
    void accept_whenNobodyTakes_leavesTheRestInTheBacklog() throws Exception {
        AtomicInteger accepted = new AtomicInteger();
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = listening
                .bind(bootstrap().childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        accepted.incrementAndGet();
                    }
                })).server();
        int count = 3 * AcceptHandler.HELD;
        for (int i = 0; i < count; i++) {
            listening.connect(i);
        }
        if (transport.has(Habit.ACCEPTS_WHAT_IS_ASKED)) {
            listening.awaitQueued(AcceptHandler.HELD);
            for (int i = 0; i < 10; i++) {
                server.channel().eventLoop().submit(() -> {}).sync();
            }
            assertThat(accepted).hasValue(AcceptHandler.HELD);
        }

        Set<Integer> numbers = new TreeSet<>();
        for (int i = 0; i < count; i++) {
            numbers.add(Listening.numberOf(listening.accept()));
        }
        assertThat(numbers).containsExactlyElementsOf(IntStream.range(0, count).boxed().toList());
        assertThat(accepted).hasValue(count);
    }

    /** Each of them would hold a place for ever if it were not missed. */
    @Test
    void accept_whenPipelinesCannotBeBuilt_closesThoseAndGoesOn() throws Exception {
        AtomicInteger accepted = new AtomicInteger();
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = ValueTaskServerChannel
                .<ByteBuf, ByteBuf>bind(bootstrap(), Listening.anyPort(), pipeline -> {
                    if (accepted.getAndIncrement() < 2 * AcceptHandler.HELD) {
                        throw new IllegalStateException("planted");
                    }
                }).await(LIMIT);
        ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> accept = server.accept();
        for (int i = 0; i < 2 * AcceptHandler.HELD; i++) {
            try (Socket socket = new Socket()) {
                socket.connect(server.localAddress());
                assertClosedByPeer(socket);
            }
        }
        assertThat(accept.isCompleted()).isFalse();
        try (Socket socket = new Socket()) {
            socket.connect(server.localAddress());
            Closing.close(accept.await(LIMIT)).await(LIMIT);
        }
        Closing.close(server).await(LIMIT);
    }

    @Test
    void accept_whenHandlersCloseBeforeOursIsActive_goesOn() throws Exception {
        AtomicInteger accepted = new AtomicInteger();
        listening.bind(bootstrap().childHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        int number = accepted.incrementAndGet();
                        if (number <= 2 * AcceptHandler.HELD) {
                            ctx.close();
                        }
                        if (number % 2 == 0) {
                            ctx.fireChannelActive(); // in vain where it is closed
                        }
                    }
                });
            }
        }));
        for (int i = 0; i < 2 * AcceptHandler.HELD; i++) {
            assertClosedByPeer(listening.connect());
        }
        listening.connect(); // the pipeline keeps its event
        Descriptors.awaitAtMost("not there yet", 0,
                () -> accepted.get() == 2 * AcceptHandler.HELD + 1 ? 0 : 1);
        listening.connect(1);

        assertThat(Listening.numberOf(listening.accept())).isEqualTo(1);
    }

    /** Netty closes such a connection, and tells nobody. */
    @Test
    void accept_whenTheChildrensLoopsAreOfAnotherTransport_closesThemAllAndGoesOn() throws Exception {
        listening.bind(new ServerBootstrap().channel(transport.serverChannel).group(
                listening.group(transport.newGroup(1)),
                listening.group(new MultiThreadIoEventLoopGroup(1, LocalIoHandler.newFactory()))));
        for (int i = 0; i < 3 * AcceptHandler.HELD; i++) {
            assertClosedByPeer(listening.connect());
        }
        assertThat(listening.server().channel().isOpen()).isTrue();
    }

    @Test
    void accept_whenTheChildrensLoopsHaveEnded_closesThemAllAndGoesOn() throws Exception {
        EventLoopGroup ended = transport.newGroup(1);
        ended.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        listening.bind(new ServerBootstrap().channel(transport.serverChannel)
                .group(listening.group(transport.newGroup(1)), ended));
        for (int i = 0; i < 3 * AcceptHandler.HELD; i++) {
            assertClosedByPeer(listening.connect());
        }
        assertThat(listening.server().channel().isOpen()).isTrue();
    }

    @Test
    void accept_whenTheChildsLoopLosesItsTask_closesIt() throws Exception {
        EndingLoop ending = EndingLoop.create(transport);
        listening.bind(new ServerBootstrap().channel(transport.serverChannel)
                .group(listening.group(transport.newGroup(1)), ending));
        ending.loseNextTask();

        assertClosedByPeer(listening.connect());
        listening.awaitQueued(0);
    }

    // The end

    @Test
    void close_whenAnAcceptIsPending_failsItAndAllThatFollow() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();
        BackgroundCall<?> accept = BackgroundCall
                .start(BackgroundCall.Kind.VIRTUAL, () -> server.accept().await()).awaitParked();
        ValueTask<Void> closed = server.closed();

        assertThat(Closing.close(server).await(LIMIT)).isNull();

        assertThat(accept.failure()).isInstanceOf(ClosedChannelException.class);
        assertThat(closed.await(LIMIT)).isNull();
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> server.accept().await(LIMIT))
                    .isInstanceOf(ClosedChannelException.class);
            assertThat(Closing.close(server).await(LIMIT)).isNull();
        }
        assertNobodyListens();
    }

    /** On NIO the kernel may still accept until the selector has forgotten the socket, and then resets. */
    private void assertNobodyListens() throws IOException {
        Socket socket;
        try {
            socket = listening.connect();
        } catch (IOException refused) {
            return;
        }
        assertClosedByPeer(socket);
    }

    @Test
    void close_whenConnectionsWereNotTaken_closesThemAndNoOthers() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();
        Socket taken = listening.connect();
        ValueTaskChannel<ByteBuf, ByteBuf> channel = listening.accept();
        List<Socket> untaken = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            untaken.add(listening.connect(i)); // and what they say is released
        }
        listening.awaitQueued(5);
        ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> complete = server.accept();
        assertThat(complete.isCompletedSuccessfully()).isTrue();

        Closing.close(server).await(LIMIT);

        for (Socket socket : untaken) {
            assertClosedByPeer(socket);
        }
        assertThatThrownBy(complete::result).isInstanceOf(ClosedChannelException.class);
        channel.writeAndFlush(Bytes.of("x")).await(LIMIT);
        assertThat(taken.getInputStream().read()).isEqualTo('x');
        Closing.close(channel).await(LIMIT);
    }

    /** They are not in the queue yet, and nobody else knows them. */
    @Test
    void close_whenConnectionsAreStillArriving_closesThem() throws Exception {
        listening.bind(bootstrap().childHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelActive(ChannelHandlerContext ctx) {
                        // Keeps the event.
                    }
                });
            }
        }));
        List<Socket> sockets = new ArrayList<>();
        int count = transport.has(Habit.ACCEPTS_WHAT_IS_ASKED) ? 2 * AcceptHandler.HELD : AcceptHandler.HELD;
        for (int i = 0; i < count; i++) {
            sockets.add(listening.connect());
        }
        listening.awaitState(0, AcceptHandler.HELD);

        Closing.close(listening.server()).await(LIMIT);

        for (Socket socket : sockets) {
            assertClosedByPeer(socket);
        }
    }

    /** Netty logs it when somebody wants to be told by a loop that has ended. Its io_uring does so itself, now and then. */
    @Test
    void shutdown_ofTheServersLoop_logsNothingOfOurs() throws Exception {
        try (Warnings warnings = new Warnings("io.netty")) {
            ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();

            server.channel().eventLoop().parent().shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);

            assertThat(server.channel().eventLoop().awaitTermination(Call.LIMIT_SECONDS, TimeUnit.SECONDS))
                    .isTrue();
            server.closed().await(LIMIT);
            assertThat(warnings.thrown()).allSatisfy(rejected -> assertThat(rejected.getStackTrace())
                    .noneMatch(frame -> frame.getClassName().startsWith("io.valuetask")));
        }
    }

    @Test
    void shutdown_ofTheServersLoop_failsTheAcceptAndClosesTheUntaken() throws Exception {
        EventLoopGroup loops = listening.group(transport.newGroup(1));
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = listening
                .bind(new ServerBootstrap().channel(transport.serverChannel).group(loops,
                        listening.group(transport.newGroup(1))))
                .server();
        Socket untaken = listening.connect(1);
        listening.awaitQueued(1);

        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS);

        assertThat(server.closed().await(LIMIT)).isNull();
        assertThatThrownBy(() -> server.accept().await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertClosedByPeer(untaken);
    }

    @Test
    void accept_whenTheServerChannelMovesToAnotherLoop_goesOn() throws Exception {
        EventLoopGroup first = listening.group(transport.newGroup(1));
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bindOn(first);
        ValueTask<ValueTaskChannel<ByteBuf, ByteBuf>> pending = server.accept();

        move(server, listening.group(transport.newGroup(1)));

        listening.connect(1);
        assertThat(Listening.numberOf(pending.await(LIMIT))).isEqualTo(1);
        first.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        for (int i = 2; i < 40; i++) {
            listening.connect(i);
            assertThat(Listening.numberOf(listening.accept())).isEqualTo(i);
        }
    }

    @Test
    void shutdown_ofTheLoopThatTheServerChannelHasMovedTo_failsTheAccept() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bindOn(listening.group(transport.newGroup(1)));
        EventLoopGroup second = listening.group(transport.newGroup(1));
        ValueTask<?> pending = server.accept();
        move(server, second);

        second.shutdownGracefully(0, 0, TimeUnit.SECONDS);

        assertThatThrownBy(() -> pending.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
        assertThat(server.closed().await(LIMIT)).isNull();
    }

    /** Its connections are on loops of their own. */
    private ValueTaskServerChannel<ByteBuf, ByteBuf> bindOn(EventLoopGroup loop) throws Exception {
        return listening.bind(new ServerBootstrap().channel(transport.serverChannel)
                .group(loop, listening.group(transport.newGroup(1)))).server();
    }

    private static void move(ValueTaskServerChannel<?, ?> server, EventLoopGroup loop) throws Exception {
        assertThat(server.channel().deregister().await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(loop.register(server.channel()).await(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void removal_ofTheHandler_closesTheServerChannel() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();
        ValueTask<?> accept = server.accept();

        server.channel().pipeline().remove(AcceptHandler.class);

        assertThatThrownBy(() -> accept.await(LIMIT)).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void toString_ofAServerChannel_tellsStateAndQueue() throws Exception {
        ValueTaskServerChannel<ByteBuf, ByteBuf> server = bind();
        assertThat(server.toString()).contains("state=IDLE", "queued=0", "arriving=0",
                server.channel().toString());

        server.accept();

        assertThat(server.toString()).contains("state=PENDING");
    }
}
