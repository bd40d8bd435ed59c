package io.valuetask.netty;

import io.netty.handler.codec.PrematureChannelClosureException;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.testing.BackgroundCall.Kind.VIRTUAL;
import static org.assertj.core.api.Assertions.assertThat;

/** Behind each of the pipelines that Netty users have, on each transport: the same conversation, and the same ends. */
@ParameterizedClass
@MethodSource("matrix")
class PipelineMatrixTest {
    private static final Duration LIMIT = Duration.ofSeconds(Call.LIMIT_SECONDS);
    private static final int MANY = 300;
    private static final int LENGTH = 700;
    /** So many large ones are more than all buffers between the two take; HTTP takes no more than 128 at once. */
    private static final int TOO_MANY = 120;
    private static final int LARGE = 12_000;

    @Parameter(0)
    Transport transport;
    @Parameter(1)
    Protocol protocol;
    private Conversation conversation;
    private ValueTaskChannel<Object, Object> client;
    private ValueTaskChannel<Object, Object> server;

    static List<Arguments> matrix() {
        List<Arguments> all = new ArrayList<>();
        for (Transport transport : Transport.available()) {
            for (Protocol protocol : Protocol.values()) {
                all.add(Arguments.of(transport, protocol));
            }
        }
        return all;
    }

    /** Seconds on a busy machine, which are not to count against the first connection. */
    @BeforeAll
    static void prepareTls() {
        Tls.shared();
    }

    @BeforeEach
    void start() throws Exception {
        conversation = Conversation.start(transport, protocol);
        client = conversation.client();
        server = conversation.server();
    }

    @AfterEach
    void close() {
        if (conversation != null) {
            conversation.close();
        }
    }

    private static void assertNothingInFlight(ValueTaskChannel<?, ?> channel) throws Exception {
        channel.channel().eventLoop().submit(() -> {}).sync();
        assertThat(channel.toString()).contains("inFlight=0");
    }

    @ParameterizedTest
    @EnumSource(value = Call.By.class, names = {"VIRTUAL", "CARRIED_HERE"})
    void messages_betweenThreads_areAnsweredOneByOneUntilTheClientFinishes(Call.By by) throws Throwable {
        BackgroundCall<Void> serving = by.run(server, conversation::serve);

        by.run(client, () -> {
            for (int i = 0; i < MANY; i++) {
                client.writeAndFlush(conversation.request(i, LENGTH)).await();
                Conversation.assertCarries(i, LENGTH, client.read().await());
            }
            client.shutdownOutput().await();
            return null;
        }).result();

        assertThat(serving.result()).as("the server sees the end").isNull();
        server.close();
        conversation.assertEnd(client.read().await(LIMIT));
        assertThat(server.closed().await(LIMIT)).isEqualTo(new CloseReason.Remote());
        assertNothingInFlight(client);
        assertNothingInFlight(server);
    }

    @Test
    void messages_betweenLoops_areAnsweredOneByOneUntilTheClientFinishes() throws Throwable {
        CompletableFuture<Integer> answered = LoopServer.start(server, conversation::answerTo);

        for (int i = 0; i < MANY; i++) {
            Object request = conversation.request(i, LENGTH);
            Call.By.LOOP.call(client, () -> client.writeAndFlush(request));
            Conversation.assertCarries(i, LENGTH, Call.By.LOOP.call(client, client::read));
        }
        Call.By.LOOP.call(client, client::shutdownOutput);

        assertThat(answered.get(Call.LIMIT_SECONDS, TimeUnit.SECONDS)).isEqualTo(MANY);
        server.close();
        conversation.assertEnd(Call.By.LOOP.call(client, client::read));
        assertNothingInFlight(client);
        assertNothingInFlight(server);
    }

    @ParameterizedTest
    @EnumSource(value = Call.By.class, names = {"VIRTUAL", "CARRIED_HERE"})
    void messages_toAClientThatDoesNotRead_stopTheServerAndThenItself(Call.By by) throws Throwable {
        AtomicInteger sent = new AtomicInteger();
        BackgroundCall<Void> serving = by.run(server, conversation::serve);
        BackgroundCall<Void> sender = send(by, sent);
        awaitStanding(sent);
        sender.awaitParked();
        serving.awaitParked();
        assertThat(sent).hasValueLessThan(TOO_MANY);

        by.run(client, () -> {
            for (int i = 0; i < TOO_MANY; i++) {
                Conversation.assertCarries(i, LARGE, client.read().await());
            }
            return null;
        }).result();

        assertThat(sender.result()).isNull();
        client.shutdownOutput().await(LIMIT);
        assertThat(serving.result()).isNull();
    }

    private BackgroundCall<Void> send(Call.By by, AtomicInteger sent) {
        return by.run(client, () -> {
            for (int i = 0; i < TOO_MANY; i++) {
                client.send(conversation.request(i, LARGE)).await();
                sent.incrementAndGet();
            }
            return null;
        });
    }

    /** Each waits for a moment now and then: that nobody goes on is seen when both loops have been round several times. */
    private void awaitStanding(AtomicInteger count) throws InterruptedException {
        for (int rounds = 0, last = -1; rounds < 20; rounds = last == count.get() ? rounds + 1 : 0) {
            last = count.get();
            client.channel().eventLoop().submit(() -> {}).sync();
            server.channel().eventLoop().submit(() -> {}).sync();
        }
    }

    @Test
    void reset_whileBothSidesWait_endsEachOperationOnce() throws Throwable {
        client.writeAndFlush(conversation.request(0, LENGTH)).await(LIMIT);
        Conversation.assertCarries(0, LENGTH, server.read().await(LIMIT)); // TLS is up
        List<Call<?>> reads = new ArrayList<>();
        reads.add(Call.By.VIRTUAL.start(server, server::read).awaitWaiting());
        reads.add(Call.By.LOOP.start(client, client::read).awaitWaiting());
        Call<CloseReason> closed = Call.By.LOOP.start(server, server::closed).awaitWaiting();

        conversation.reset();

        assertThat(closed.result()).isInstanceOf(CloseReason.Failed.class);
        assertThat(reads.get(0).failure()).isInstanceOf(IOException.class).hasMessageContaining("reset");
        assertThat(reads.get(1).failure()).isInstanceOf(ClosedChannelException.class);
        assertOver();
    }

    @ParameterizedTest
    @EnumSource(value = Call.By.class, names = {"VIRTUAL", "CARRIED_HERE"})
    void reset_whileBothSidesWrite_endsEachOperationOnce(Call.By by) throws Throwable {
        AtomicInteger sent = new AtomicInteger();
        BackgroundCall<Void> serving = by.run(server, conversation::serve);
        BackgroundCall<Void> sender = send(by, sent);
        awaitStanding(sent);
        Call<CloseReason> closed = Call.By.LOOP.start(server, server::closed).awaitWaiting();

        conversation.reset();

        if (protocol == Protocol.TRAFFIC_SHAPING) {
            // It holds back a part of what is being written, so that the whole does not fail with the other part.
            assertThat(closed.result()).isNotEqualTo(new CloseReason.Remote());
        } else {
            assertThat(closed.result()).isInstanceOf(CloseReason.Failed.class);
        }
        assertThat(serving.failure()).isInstanceOf(IOException.class);
        assertThat(sender.failure()).isInstanceOf(IOException.class);
        assertOver();
    }

    /** The client's end is Netty's own close; an aggregator that has a part of a message then calls that a failure. */
    private void assertOver() throws Exception {
        CloseReason reason = client.closed().await(LIMIT);
        if (!(reason instanceof CloseReason.Failed(PrematureChannelClosureException _))) {
            assertThat(reason).isEqualTo(new CloseReason.Local());
        }
        for (ValueTaskChannel<Object, Object> channel : List.of(client, server)) {
            Object late = conversation.request(1, LENGTH);
            assertThat(BackgroundCall.start(VIRTUAL, () -> channel.writeAndFlush(late).await()).failure())
                    .isInstanceOf(ClosedChannelException.class);
            assertNothingInFlight(channel);
        }
    }
}
