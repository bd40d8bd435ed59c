package io.valuetask.interop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.interop.ChannelSubscriber.AtEnd;
import io.valuetask.netty.FlushPolicy;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.netty.ValueTaskHandler;
import io.valuetask.testing.ManualPublisher;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a publisher signals on a channel that has room, or has not. */
@Timeout(60)
class ChannelSubscriberTest {
    private final ManualPublisher<ByteBuf> publisher = new ManualPublisher<>();
    private final List<ByteBuf> published = new ArrayList<>();
    private final Transport transport = new Transport();
    private final ValueTaskHandler<Object, ByteBuf> handler = new ValueTaskHandler<>(
            ValueTaskChannelOptions.DEFAULTS.flushPolicy(FlushPolicy.NOW), null);
    private final ValueTaskChannel<Object, ByteBuf> channel = handler.channel();
    private final EmbeddedChannel embedded = new EmbeddedChannel(transport, handler);

    /** Sends at once, or keeps what it gets. */
    private static final class Transport extends ChannelOutboundHandlerAdapter {
        int sent;
        boolean stalls;
        Throwable failure;
        private final List<ChannelPromise> kept = new ArrayList<>();

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            ((ByteBuf) message).release();
            if (failure != null) {
                promise.setFailure(failure);
            } else if (stalls) {
                kept.add(promise.unvoid());
            } else {
                sent++;
                promise.setSuccess();
            }
        }

        void letOut() {
            stalls = false;
            kept.forEach(promise -> {
                sent++;
                promise.setSuccess();
            });
            kept.clear();
        }
    }

    @AfterEach
    void close() {
        embedded.finishAndReleaseAll();
        assertThat(published).as("sent or released").allMatch(message -> message.refCnt() == 0);
    }

    private ChannelSubscriber<ByteBuf> subscribed(AtEnd atEnd, int most) {
        ChannelSubscriber<ByteBuf> subscriber = new ChannelSubscriber<>(channel, atEnd, most);
        publisher.subscribe(subscriber);
        return subscriber;
    }

    private void publish(int times) {
        for (int i = 0; i < times; i++) {
            ByteBuf message = Unpooled.buffer(1);
            published.add(message);
            publisher.subscriber().onNext(message);
        }
    }

    private void room(boolean room) {
        embedded.unsafe().outboundBuffer().setUserDefinedWritability(1, room);
        embedded.runPendingTasks();
    }

    private Flow.Subscriber<? super ByteBuf> upstream() {
        return publisher.subscriber();
    }

    // Demand

    @Test
    void onNext_whileThereIsRoom_sendsAndRequestsMore() {
        subscribed(AtEnd.LEAVE_OPEN, 4);

        publish(4);

        assertThat(transport.sent).isEqualTo(4);
        assertThat(publisher.asked()).containsExactly(4L, 2L, 2L);
    }

    @Test
    void onNext_whileThereIsNoRoom_waitsAndRequestsNoMore() {
        subscribed(AtEnd.LEAVE_OPEN, 4);
        room(false);

        publish(4);

        assertThat(transport.sent).as("the message of the send that waits").isEqualTo(1);
        assertThat(publisher.asked()).containsExactly(4L);

        room(true);

        assertThat(transport.sent).isEqualTo(4);
        assertThat(publisher.asked()).containsExactly(4L, 2L, 2L);
    }

    // The publisher ends

    @Test
    void onComplete_whileMessagesAreOnTheirWay_completesWhenTheyHaveLeft() throws IOException {
        transport.stalls = true;
        ValueTask<Void> completion = subscribed(AtEnd.LEAVE_OPEN, 4).completion();
        publish(3);

        upstream().onComplete();
        assertThat(completion.isCompleted()).isFalse();
        transport.letOut();
        embedded.runPendingTasks();

        assertThat(completion.result()).isNull();
        assertThat(transport.sent).isEqualTo(3);
        assertThat(channel.channel().isOpen()).isTrue();
        assertThat(publisher.asked()).as("over, and not cancelled").doesNotContain("cancel");
    }

    @Test
    void onComplete_whileThereIsNoRoom_comesBehindTheMessages() throws IOException {
        ValueTask<Void> completion = subscribed(AtEnd.LEAVE_OPEN, 4).completion();
        room(false);
        publish(3);
        upstream().onComplete();
        assertThat(completion.isCompleted()).isFalse();

        room(true);

        assertThat(completion.result()).isNull();
        assertThat(transport.sent).isEqualTo(3);
    }

    @Test
    void onComplete_toBeClosed_closesTheChannel() throws IOException {
        ValueTask<Void> completion = subscribed(AtEnd.CLOSE, 4).completion();
        publish(2);

        upstream().onComplete();

        assertThat(completion.result()).isNull();
        assertThat(transport.sent).isEqualTo(2);
        assertThat(embedded.isOpen()).isFalse();
    }

    /** An embedded channel cannot, and that is the failure. */
    @Test
    void onComplete_whereTheOutputCannotBeShutDown_fails() {
        ValueTask<Void> completion = subscribed(AtEnd.SHUTDOWN_OUTPUT, 4).completion();

        upstream().onComplete();

        assertThatThrownBy(completion::result).isInstanceOf(UnsupportedOperationException.class);
        assertThat(embedded.isOpen()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void onError_failsWithThatAndClosesUnlessToldOtherwise(AtEnd atEnd) {
        IOException planted = new IOException("planted");
        ValueTask<Void> completion = subscribed(atEnd, 4).completion();
        publish(2);

        upstream().onError(planted);

        assertThatThrownBy(completion::result).isSameAs(planted);
        assertThat(embedded.isOpen()).isEqualTo(atEnd == AtEnd.LEAVE_OPEN);
    }

    /** A peer that does not read must not keep a channel open that is to be closed. */
    @Test
    void onError_whileThereIsNoRoom_closesAtOnceAndReleasesWhatWaits() {
        IOException planted = new IOException("planted");
        ValueTask<Void> completion = subscribed(AtEnd.CLOSE, 4).completion();
        room(false);
        publish(4);

        upstream().onError(planted);

        assertThatThrownBy(completion::result).isSameAs(planted);
        assertThat(embedded.isOpen()).isFalse();
        assertThat(published.get(3).refCnt()).isZero();
    }

    // The channel ends

    @Test
    void close_ofTheChannelWhileNothingIsPublished_cancelsThePublisher() {
        ValueTask<Void> completion = subscribed(AtEnd.LEAVE_OPEN, 4).completion();

        channel.close();

        assertThat(publisher.asked()).containsExactly(4L, "cancel");
        assertThatThrownBy(completion::result).isInstanceOf(ClosedChannelException.class);
        publish(1); // is released, as its publisher has not heard yet
    }

    @Test
    void close_ofTheChannelWhileThereIsNoRoom_cancelsThePublisherAndReleasesWhatWaits() {
        ValueTask<Void> completion = subscribed(AtEnd.LEAVE_OPEN, 4).completion();
        room(false);
        publish(4);

        channel.close();

        assertThat(publisher.asked()).containsExactly(4L, "cancel");
        assertThatThrownBy(completion::result).isInstanceOf(ClosedChannelException.class);
        assertThat(published).allMatch(message -> message.refCnt() == 0);
    }

    @Test
    void onNext_thatCannotBeSent_failsTheNextOneAndCancelsThePublisher() {
        ValueTask<Void> completion = subscribed(AtEnd.CLOSE, 4).completion();
        transport.failure = new IOException("planted");

        publish(1);
        embedded.runPendingTasks();
        publish(1);

        assertThatThrownBy(completion::result).isSameAs(transport.failure);
        assertThat(publisher.asked()).endsWith("cancel");
        assertThat(embedded.isOpen()).isFalse();
    }

    // Whoever waits for the completion gives up

    @Test
    void cancel_ofTheCompletion_cancelsThePublisherAndLeavesTheChannelOpen() {
        ChannelSubscriber<ByteBuf> subscriber = subscribed(AtEnd.CLOSE, 4);
        room(false);
        publish(4);

        assertThat(subscriber.completion().toCompletableFuture().cancel(true)).isTrue();

        assertThat(publisher.asked()).containsExactly(4L, "cancel");
        assertThat(published.get(3).refCnt()).isZero();
        room(true);
        assertThat(transport.sent).as("what the channel had").isEqualTo(1);
        assertThat(embedded.isOpen()).isTrue();
    }

    @Test
    void cancel_ofACompletionThatIsOver_isRefused() {
        ChannelSubscriber<ByteBuf> subscriber = subscribed(AtEnd.LEAVE_OPEN, 4);
        upstream().onComplete();

        assertThat(subscriber.completion().toCompletableFuture().cancel(true)).isFalse();
    }

    @Test
    void cancel_beforeTheSubscription_cancelsThatWhenItComes() {
        ChannelSubscriber<ByteBuf> subscriber = new ChannelSubscriber<>(channel, AtEnd.CLOSE);
        ValueTask<Void> completion = subscriber.completion();
        assertThat(completion.toCompletableFuture().cancel(true)).isTrue();

        publisher.subscribe(subscriber);

        assertThat(publisher.asked()).containsExactly("cancel");
        assertThat(embedded.isOpen()).isTrue();
    }

    // Misuse

    @Test
    void onSubscribe_again_cancelsTheSecondAndTheFirstGoesOn() {
        ChannelSubscriber<ByteBuf> subscriber = subscribed(AtEnd.LEAVE_OPEN, 4);
        ManualPublisher<ByteBuf> second = new ManualPublisher<>();

        second.subscribe(subscriber);

        assertThat(second.asked()).containsExactly("cancel");
        publish(1);
        assertThat(transport.sent).isEqualTo(1);
    }

    @Test
    void constructor_withAChannelInNoPipeline_isRefused() {
        ValueTaskChannel<Object, ByteBuf> early = new ValueTaskHandler<Object, ByteBuf>().channel();

        assertThatThrownBy(() -> new ChannelSubscriber<>(early, AtEnd.CLOSE))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining("in no pipeline yet");
    }

    @Test
    void completion_awaitedTwice_isRefused() {
        ChannelSubscriber<ByteBuf> subscriber = subscribed(AtEnd.LEAVE_OPEN, 4);
        subscriber.completion().toCompletableFuture().cancel(true);

        assertThatThrownBy(() -> subscriber.completion().result())
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThat(subscriber.toString()).contains("over=true", "atEnd=LEAVE_OPEN");
    }
}
