package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.Future;
import io.valuetask.AsyncIterator;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.interop.NettyFutures;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The other ways to read: what is there, as much as is there, not for ever, one after another. */
class ReadFormsTest {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final ValueTaskHandler<Object, Object> handler = new ValueTaskHandler<>();
    private final EmbeddedChannel embedded = new EmbeddedChannel(handler);
    private final ValueTaskChannel<Object, Object> channel = handler.channel();
    private final IllegalStateException failure = new IllegalStateException("of the pipeline");

    @AfterEach
    void close() {
        embedded.finishAndReleaseAll();
    }

    private void arrive(Object... messages) {
        for (Object message : messages) {
            if (message instanceof Throwable thrown) {
                embedded.pipeline().fireExceptionCaught(thrown);
            } else {
                embedded.pipeline().fireChannelRead(message);
            }
        }
        embedded.pipeline().fireChannelReadComplete();
    }

    // What a read says before it is consumed

    @Test
    void read_whenAFailureIsNext_isFaultedBeforeItIsConsumed() throws IOException {
        ValueTask<Object> pending = channel.read();
        arrive(failure, "a", failure);

        assertThat(pending.isFaulted()).isTrue();
        assertThatThrownBy(pending::result).isSameAs(failure);
        assertThat(channel.read().result()).isEqualTo("a");
        ValueTask<Object> atOnce = channel.read();
        assertThat(atOnce.isFaulted()).isTrue();
        assertThatThrownBy(atOnce::result).isSameAs(failure);
    }

    @Test
    void read_afterTheChannelWasClosedHere_isFaultedBeforeItIsConsumed() {
        ValueTask<Object> pending = channel.read();
        channel.close();

        assertThat(pending.isFaulted()).isTrue();
        assertThatThrownBy(pending::result).isInstanceOf(ClosedChannelException.class);
        assertThat(channel.read().isFaulted()).isTrue();
    }

    @Test
    void read_atTheEndOfTheStream_hasSucceeded() throws IOException {
        ValueTask<Object> pending = channel.read();
        embedded.close();

        assertThat(pending.isCompletedSuccessfully() || pending.isFaulted()).isTrue();
        pending.discard();
    }

    // What is there

    @Test
    void tryRead_takesWhatIsThereInOrder() throws IOException {
        assertThat(channel.tryRead()).isNull();
        arrive("a", failure, "b");

        assertThat(channel.tryRead()).isEqualTo("a");
        assertThatThrownBy(channel::tryRead).isSameAs(failure);
        assertThat(channel.tryRead()).isEqualTo("b");
        assertThat(channel.tryRead()).isNull();
    }

    @Test
    void tryRead_whileAReadIsUnderWayOrNotTaken_isRefusedAndLeavesThat() throws IOException {
        ValueTask<Object> read = channel.read();
        assertThatThrownBy(channel::tryRead).as("nothing is there")
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> channel.drainTo(new ArrayList<>(), 1))
                .isInstanceOf(ValueTaskMisuseException.class);
        arrive("a");

        assertThatThrownBy(channel::tryRead).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(read.result()).isEqualTo("a");
    }

    @Test
    void tryRead_afterTheChannelWasClosedHere_isNull() throws IOException {
        arrive("a");
        channel.close();

        assertThat(channel.tryRead()).isNull();
    }

    @Test
    void drainTo_takesUpToAFailureAndNoMoreThanAsked() throws IOException {
        List<Object> taken = new ArrayList<>();
        arrive("a", "b", "c", failure, "d");

        assertThat(channel.drainTo(taken, 2)).isEqualTo(2);
        assertThat(channel.drainTo(taken, 10)).isEqualTo(1);
        assertThat(channel.drainTo(taken, 10)).as("the failure is next").isZero();
        assertThatThrownBy(() -> channel.read().result()).isSameAs(failure);
        assertThat(channel.drainTo(taken, 10)).isEqualTo(1);
        assertThat(channel.drainTo(taken, 10)).isZero();

        assertThat(taken).containsExactly("a", "b", "c", "d");
    }

    @Test
    void drainTo_aCollectionThatRefuses_releasesThatMessageAndKeepsTheRest() throws IOException {
        ByteBuf refused = Unpooled.buffer(1);
        arrive(refused, "kept");

        assertThatThrownBy(() -> channel.drainTo(new AbstractCollection<>() {
            @Override
            public Iterator<Object> iterator() {
                throw new AssertionError();
            }

            @Override
            public int size() {
                return 0;
            }
        }, 10)).isInstanceOf(UnsupportedOperationException.class);

        assertThat(refused.refCnt()).isZero();
        assertThat(channel.read().result()).isEqualTo("kept");
    }

    @Test
    void cancelPendingRead_cancelsItAndLosesNothing() throws IOException {
        assertThat(channel.cancelPendingRead()).as("none waits").isFalse();
        ValueTask<Object> read = channel.read();

        assertThat(channel.cancelPendingRead()).isTrue();

        assertThatThrownBy(read::result).isInstanceOf(CancellationException.class);
        arrive("a");
        assertThat(channel.cancelPendingRead()).isFalse();
        assertThat(channel.read().result()).isEqualTo("a");
    }

    /** Its listeners cannot be told yet; the read does not wait for them. */
    @Test
    void cancel_ofANettyFutureOfARead_losesNothingAndLeavesTheChannelFree() throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        CompletableFuture<Void> free = new CompletableFuture<>();
        try {
            executor.execute(free::join);
            Future<Object> future = NettyFutures.toFuture(channel.read(), executor);

            assertThat(future.cancel(false)).isTrue();

            arrive("a");
            assertThat(channel.read().result()).isEqualTo("a");
        } finally {
            free.complete(null);
            executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    // Not for ever

    @Test
    void readWithTimeout_whenTimeIsUp_failsAndLosesNothing() throws IOException {
        embedded.freezeTime();
        ValueTask<Object> read = channel.read(LONG);
        passTime(LONG.minusNanos(1));
        assertThat(read.isCompleted()).isFalse();

        passTime(Duration.ofNanos(1));

        assertThatThrownBy(read::result).isInstanceOf(SocketTimeoutException.class)
                .hasMessage(
                        "no message arrived within 30000000000 ns; none is lost: read again, or close the channel");
        arrive("late");
        assertThat(channel.read(LONG).result()).isEqualTo("late");
    }

    @Test
    void readWithTimeout_ofNoTime_looksWhatIsThere() throws IOException {
        assertThatThrownBy(() -> channel.read(Duration.ZERO).result())
                .isInstanceOf(SocketTimeoutException.class);
        assertThatThrownBy(() -> channel.read(Duration.ofSeconds(-1)).result())
                .isInstanceOf(SocketTimeoutException.class);
        arrive("a");
        assertThat(channel.read(Duration.ZERO).result()).isEqualTo("a");
    }

    @Test
    void readWithTimeout_afterALongerOne_isNotLateForIt() {
        embedded.freezeTime();
        ValueTask<Object> first = channel.read(LONG);
        channel.cancelPendingRead();
        assertThatThrownBy(first::result).isInstanceOf(CancellationException.class);
        ValueTask<Object> second = channel.read(Duration.ofSeconds(1));

        passTime(Duration.ofSeconds(1));

        assertThatThrownBy(second::result).isInstanceOf(SocketTimeoutException.class);
    }

    /** The timer of the first fires, finds the second, and waits for that. */
    @Test
    void readWithTimeout_afterAnEarlierOne_isNotCutShort() throws IOException {
        embedded.freezeTime();
        ValueTask<Object> first = channel.read(Duration.ofSeconds(1));
        arrive("a");
        assertThat(first.result()).isEqualTo("a");
        ValueTask<Object> second = channel.read(LONG);
        passTime(Duration.ofSeconds(2));
        assertThat(second.isCompleted()).isFalse();

        passTime(LONG);

        assertThatThrownBy(second::result).isInstanceOf(SocketTimeoutException.class);
    }

    @Test
    void readWithTimeout_ofThreeCenturies_waits() throws IOException {
        ValueTask<Object> read = channel.read(Duration.ofDays(400_000));
        assertThat(read.isCompleted()).isFalse();
        arrive("a");
        assertThat(read.result()).isEqualTo("a");
    }

    /** An old timer that fires for a read without a time leaves it alone. */
    @Test
    void read_afterOneWithATimeout_waitsForEver() throws IOException {
        embedded.freezeTime();
        ValueTask<Object> first = channel.read(Duration.ofSeconds(1));
        arrive("a");
        assertThat(first.result()).isEqualTo("a");
        ValueTask<Object> second = channel.read();

        passTime(LONG);

        assertThat(second.isCompleted()).isFalse();
        arrive("b");
        assertThat(second.result()).isEqualTo("b");
    }

    private void passTime(Duration time) {
        embedded.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        embedded.runScheduledPendingTasks();
    }

    // One after another

    @Test
    void messages_areThoseOfTheChannelUntilItsEnd() throws IOException {
        AsyncIterator<Object> messages = channel.messages();
        ValueTask<Boolean> move = messages.moveNext();
        assertThat(move.isCompleted()).isFalse();
        assertThatThrownBy(messages::current).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("await moveNext()");
        arrive("a", "b", failure);

        assertThat(move.result()).isTrue();
        assertThat(messages.current()).isEqualTo("a");
        assertThat(messages.moveNext().result()).isTrue();
        assertThat(messages.current()).isEqualTo("b");
        ValueTask<Boolean> failed = messages.moveNext();
        assertThat(failed.isFaulted()).isTrue();
        assertThatThrownBy(failed::result).isSameAs(failure);
        assertThatThrownBy(() -> channel.messages().current()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void messages_whileAnotherReads_isRefused() throws IOException {
        ValueTask<Object> read = channel.read();

        assertThatThrownBy(() -> channel.messages().moveNext()).isInstanceOf(ValueTaskMisuseException.class);

        arrive("a");
        assertThat(read.result()).isEqualTo("a");
    }

    @Test
    void close_ofTheMessages_cancelsTheMoveAndLeavesTheChannelOpen() throws IOException {
        AsyncIterator<Object> messages = channel.messages();
        ValueTask<Boolean> move = messages.moveNext();

        messages.close();

        assertThatThrownBy(move::result).isInstanceOf(CancellationException.class);
        assertThat(messages.moveNext().isCanceled()).isTrue();
        arrive("a");
        assertThat(channel.read().result()).isEqualTo("a");
        assertThat(embedded.isOpen()).isTrue();
    }

    /** The move has its answer, but nobody has taken the message. */
    @Test
    void close_ofTheMessagesBeforeAnAnswerIsTaken_leavesTheMessageToTheNextReader() throws IOException {
        AsyncIterator<Object> messages = channel.messages();
        ValueTask<Boolean> move = messages.moveNext();
        arrive("a", failure);

        messages.close();

        assertThatThrownBy(move::result).isInstanceOf(CancellationException.class);
        assertThatThrownBy(messages::current).isInstanceOf(IllegalStateException.class);
        assertThat(channel.read().result()).isEqualTo("a");
        AsyncIterator<Object> failing = channel.messages();
        ValueTask<Boolean> failed = failing.moveNext();
        failing.close();
        assertThatThrownBy(failed::result).isInstanceOf(CancellationException.class);
        assertThatThrownBy(channel::tryRead).isSameAs(failure);
    }

    @Test
    void close_ofTheMessagesAgain_leavesTheReadOfSomebodyElseAlone() throws IOException {
        AsyncIterator<Object> messages = channel.messages();
        ValueTask<Boolean> move = messages.moveNext();
        messages.close();
        assertThatThrownBy(move::result).isInstanceOf(CancellationException.class);
        ValueTask<Object> read = channel.read();

        messages.close();

        arrive("a");
        assertThat(read.result()).isEqualTo("a");
    }

    @Test
    void close_ofMessagesThatAreNotMoving_leavesTheReadOfSomebodyElseAlone() throws IOException {
        AsyncIterator<Object> unused = channel.messages();
        AsyncIterator<Object> header = channel.messages();
        ValueTask<Boolean> move = header.moveNext();
        arrive("header");
        assertThat(move.result()).isTrue();
        ValueTask<Object> read = channel.read();

        unused.close();
        header.close();

        assertThat(header.current()).as("the consumer's").isEqualTo("header");
        arrive("a");
        assertThat(read.result()).isEqualTo("a");
    }

    /** Demand is mapped to reads: what was not requested stays in the channel. */
    @Test
    void publisher_takesNoMoreThanWasRequested() throws IOException {
        List<Object> received = new ArrayList<>();
        Flow.Subscription[] subscription = new Flow.Subscription[1];
        channel.messages().toPublisher().subscribe(new Flow.Subscriber<>() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                subscription[0] = given;
            }

            @Override
            public void onNext(Object message) {
                received.add(message);
            }

            @Override
            public void onError(Throwable thrown) {
                received.add(thrown);
            }

            @Override
            public void onComplete() {
                received.add("complete");
            }
        });
        arrive("a", "b", "c");
        assertThat(received).isEmpty();

        subscription[0].request(2);

        assertThat(received).containsExactly("a", "b");
        subscription[0].cancel();
        assertThat(channel.read().result()).isEqualTo("c");
    }
}
