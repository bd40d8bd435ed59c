package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTasks;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Several channel operations as one: who gets which message, and who releases the rest. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
class CombinedOperationsTest {
    @Parameter
    Transport transport;
    private Loopback loopback;

    // For the tests that take every step by themselves.
    private final ManualResetValueTaskSource<ByteBuf> first = new ManualResetValueTaskSource<>();
    private final ManualResetValueTaskSource<ByteBuf> second = new ManualResetValueTaskSource<>();
    private final ByteBuf message = Bytes.of("message");

    private void connect() throws Exception {
        loopback = Loopback.on(transport).connect();
    }

    @AfterEach
    void disconnect() {
        if (message.refCnt() > 0) {
            message.release();
        }
        if (loopback != null) {
            loopback.close();
        }
    }

    @Test
    void whenAny_ofTwoReads_losesNoMessageOfTheOneThatIsCancelled() throws Exception {
        connect();
        for (int i = 0; i < 100; i++) {
            ValueTask<ByteBuf> fromClient = loopback.server().read();
            var any = ValueTasks.whenAny(loopback.client().read(), fromClient);
            loopback.client().writeAndFlush(Bytes.of("to the server")).await();

            assertThat(any.await()).isEqualTo(1);
            assertThat(Bytes.text(fromClient.result())).isEqualTo("to the server");

            loopback.server().writeAndFlush(Bytes.of("to the client")).await();
            assertThat(Bytes.text(loopback.client().read().await())).isEqualTo("to the client");
        }
    }

    @Test
    void whenAll_ofTwoReads_hasBothMessages() throws Exception {
        connect();
        for (int i = 0; i < 100; i++) {
            var all = ValueTasks.whenAll(loopback.server().read(), loopback.client().read());
            loopback.client().writeAndFlush(Bytes.of("a")).await();
            loopback.server().writeAndFlush(Bytes.of("b")).await();

            assertThat(all.await()).extracting(Bytes::text).containsExactly("a", "b");
        }
    }

    @Test
    void whenAll_whenTimeIsUp_cancelsTheReadsAndTheChannelsGoOn() throws Exception {
        connect();
        var all = ValueTasks.whenAll(loopback.server().read(), loopback.client().read());

        assertThatThrownBy(() -> all.await(Duration.ofMillis(1))).isInstanceOf(TimeoutException.class);

        loopback.client().writeAndFlush(Bytes.of("a")).await();
        assertThat(Bytes.text(loopback.server().read().await())).isEqualTo("a");
    }

    // Who releases what nobody gets

    private List<ValueTask<ByteBuf>> arm() {
        return List.of(ValueTask.fromSource(first, first.arm()), ValueTask.fromSource(second, second.arm()));
    }

    @Test
    void whenAll_ifOneFails_releasesTheMessageOfTheOther() {
        var all = ValueTasks.whenAll(arm());
        first.complete(1, message);
        assertThat(message.refCnt()).isEqualTo(1);

        second.completeExceptionally(1, new IOException("reset by peer"));

        assertThat(message.refCnt()).isZero();
        assertThatThrownBy(all::result).hasMessage("reset by peer");
    }

    @Test
    void whenAny_ifAnotherCompletesTooLateToBeCancelled_releasesItsMessage() throws Exception {
        ManualResetValueTaskSource<ByteBuf> stubborn = new ManualResetValueTaskSource<>() {
            @Override
            public boolean cancel(long token) {
                return false;
            }
        };
        var any = ValueTasks.whenAny(ValueTask.fromSource(first, first.arm()),
                ValueTask.fromSource(stubborn, stubborn.arm()));
        first.complete(1, message);
        assertThat(any.result()).isZero();
        ByteBuf late = Bytes.of("late");

        stubborn.complete(1, late);

        assertThat(late.refCnt()).isZero();
        assertThat(message.refCnt()).as("the first one's message is the caller's").isEqualTo(1);
        assertThat(first.getResult(1)).isSameAs(message);
    }

    @Test
    void start_ofABodyThatIsCancelled_releasesItsLateMessage() {
        List<Runnable> submitted = new ArrayList<>();
        List<CompletableFuture<ByteBuf>> own = new ArrayList<>();
        own.add(ValueTasks.start(submitted::add, () -> {
            own.get(0).cancel(true);
            return message;
        }).toCompletableFuture());

        submitted.get(0).run();

        assertThat(own.get(0)).isCancelled();
        assertThat(message.refCnt()).isZero();
    }
}
