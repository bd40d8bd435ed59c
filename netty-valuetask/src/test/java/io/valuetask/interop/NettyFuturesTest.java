package io.valuetask.interop;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.Promise;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskMisuseException;
import io.valuetask.ValueTaskSourceStatus;
import io.valuetask.ValueTasks;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Between Netty's futures and value tasks, in both directions. */
class NettyFuturesTest {
    private static final Duration SHORT = Duration.ofMillis(5);

    private final ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
    private final Promise<Object> promise = ImmediateEventExecutor.INSTANCE.newPromise();
    private final Promise<List<Object>> lists = ImmediateEventExecutor.INSTANCE.newPromise();

    private ValueTask<Object> arm() {
        return ValueTask.fromSource(source, source.arm());
    }

    // From a future

    @ParameterizedTest
    @EnumSource(Kind.class)
    void await_ofAPendingFuture_returnsItsResultAsOftenAsAsked(Kind kind) throws Throwable {
        ValueTask<Object> task = NettyFutures.toValueTask(promise);
        BackgroundCall<Object> call = BackgroundCall.start(kind, task::await).awaitParked();

        promise.setSuccess("result");

        assertThat(call.result()).isEqualTo("result");
        assertThat(task.await()).isEqualTo(task.result()).isEqualTo("result");
    }

    @Test
    void toValueTask_ofAFutureThatFailed_throwsTheSameInstance() {
        IOException failure = new IOException("handshake");
        ValueTask<Object> task = NettyFutures.toValueTask(promise.setFailure(failure));

        assertThat(task.isFaulted()).isTrue();
        assertThatThrownBy(task::result).isSameAs(failure);
    }

    @Test
    void toValueTask_ofAFutureThatIsCancelled_isCancelled() {
        ValueTask<Object> task = NettyFutures.toValueTask(promise);

        promise.cancel(false);

        assertThat(task.isCanceled()).isTrue();
        assertThatThrownBy(task::result).isInstanceOf(CancellationException.class);
    }

    @Test
    void awaitWithTimeout_ofAPendingFuture_cancelsIt() {
        assertThatThrownBy(() -> NettyFutures.toValueTask(promise).await(SHORT))
                .isInstanceOf(TimeoutException.class);

        assertThat(promise.isCancelled()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void awaitWithTimeout_ofAFutureThatCannotBeCancelled_waitsForIt(Kind kind) throws Throwable {
        promise.setUncancellable();
        BackgroundCall<Object> call = BackgroundCall
                .start(kind, () -> NettyFutures.toValueTask(promise).await(Duration.ZERO)).awaitParked();

        promise.setSuccess("result");

        assertThat(call.result()).isEqualTo("result");
    }

    @Test
    void onCompleted_resumesWhereTheListenersOfTheFutureRun() throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        Promise<Object> elsewhere = executor.newPromise();
        CompletableFuture<Thread> resumedOn = new CompletableFuture<>();
        assertThat(NettyFutures.toValueTask(elsewhere).onCompleted(
                resumed -> resumed.complete(Thread.currentThread()), resumedOn)).isTrue();

        elsewhere.setSuccess("result");

        assertThat(executor.inEventLoop(resumedOn.get(20, TimeUnit.SECONDS))).isTrue();
        executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }

    @Test
    void await_onTheEventLoopOfTheFuture_isRefused() throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        ValueTask<Object> task = NettyFutures.toValueTask(executor.newPromise());

        Throwable refusal = executor.submit(() -> {
            try {
                return new AssertionError(task.await());
            } catch (IllegalStateException expected) {
                return expected;
            }
        }).get(20, TimeUnit.SECONDS);

        assertThat(refusal).isInstanceOf(io.netty.util.concurrent.BlockingOperationException.class);
        executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }

    @Test
    void discard_ofAFuture_leavesItsResultToIt() {
        ByteBuf buffer = Unpooled.buffer(1);
        NettyFutures.toValueTask(promise.setSuccess(buffer)).discard();

        assertThat(buffer.release()).as("the only reference").isTrue();
    }

    // To a future

    @Test
    void toFuture_whenTheOperationEnds_completesAndFreesTheSource() {
        IOException failure = new IOException("reset");
        List<Object> heard = new ArrayList<>();

        Future<Object> succeeding = NettyFutures.toFuture(arm(), ImmediateEventExecutor.INSTANCE);
        succeeding.addListener(done -> heard.add(done.getNow()));
        source.complete(1, "result");
        Future<Object> failing = NettyFutures.toFuture(arm(), ImmediateEventExecutor.INSTANCE);
        failing.addListener(done -> heard.add(done.cause()));
        source.completeExceptionally(2, failure);
        Future<Object> canceled = NettyFutures.toFuture(arm(), ImmediateEventExecutor.INSTANCE);
        canceled.addListener(done -> heard.add(done.isCancelled()));
        source.cancel(3);

        assertThat(heard).containsExactly("result", failure, true);
        assertThat(source.tryArm()).isEqualTo(4);
    }

    @Test
    void toFuture_ofAConsumedValueTask_isRefused() {
        ValueTask<Object> task = arm();
        NettyFutures.toFuture(task, ImmediateEventExecutor.INSTANCE);

        assertThatThrownBy(() -> NettyFutures.toFuture(task, ImmediateEventExecutor.INSTANCE))
                .isInstanceOf(ValueTaskMisuseException.class);
    }

    @Test
    void cancel_ofTheFuture_cancelsTheOperation() {
        Future<Object> future = NettyFutures.toFuture(arm(), ImmediateEventExecutor.INSTANCE);

        assertThat(future.cancel(false)).isTrue();

        assertThat(source.tryComplete(1, "late")).isFalse();
        assertThat(source.tryArm()).as("free").isEqualTo(2);
    }

    /** Nobody has to be told first: whoever is answered true may start the next operation. */
    @Test
    void cancel_ofTheFutureWhileItsExecutorIsBusy_hasCancelledTheOperationWhenItReturns() throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        CountDownLatch free = new CountDownLatch(1);
        try {
            executor.execute(() -> awaitQuietly(free));
            Future<Object> future = NettyFutures.toFuture(arm(), executor);

            assertThat(future.cancel(false)).isTrue();

            assertThat(future.isCancelled()).isTrue();
            assertThat(source.tryComplete(1, "late")).isFalse();
            assertThat(source.tryArm()).as("free").isEqualTo(2);
        } finally {
            free.countDown();
            executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interruption) {
            throw new AssertionError(interruption);
        }
    }

    /** The result is on its way, and the future is going to have it. */
    @Test
    void cancel_ofTheFutureWhenTheSourceRefuses_answersFalseAndLosesNoResult() {
        ManualResetValueTaskSource<Object> late = new UncancellableSource();
        Future<Object> future = NettyFutures.toFuture(ValueTask.fromSource(late, late.arm()),
                ImmediateEventExecutor.INSTANCE);

        assertThat(future.cancel(false)).isFalse();
        late.complete(1, "result");

        assertThat(future.getNow()).isEqualTo("result");
        assertThat(future.cancel(false)).as("done").isFalse();
    }

    @Test
    void cancel_ofTheFutureAgain_answersFalseAndLeavesTheNextOperationAlone() {
        Future<Object> future = NettyFutures.toFuture(arm(), ImmediateEventExecutor.INSTANCE);
        future.cancel(false);
        long next = source.arm();

        assertThat(future.cancel(false)).isFalse();

        assertThat(source.tryComplete(next, "result")).isTrue();
    }

    @Test
    void cancel_ofAFutureOfAFuture_cancelsTheFirstAtOnce() {
        Future<Object> future = NettyFutures.toFuture(NettyFutures.toValueTask(promise),
                ImmediateEventExecutor.INSTANCE);

        assertThat(future.cancel(false)).isTrue();

        assertThat(promise.isCancelled()).isTrue();
    }

    @Test
    void cancel_ofAFutureOfAFutureThatCannotBeCancelled_answersFalseAndWaitsForIt() {
        promise.setUncancellable();
        Future<Object> future = NettyFutures.toFuture(NettyFutures.toValueTask(promise),
                ImmediateEventExecutor.INSTANCE);

        assertThat(future.cancel(false)).isFalse();
        promise.setSuccess("result");

        assertThat(future.getNow()).isEqualTo("result");
    }

    /** A promise tells of its cancellation through its executor: until then the operation goes on. */
    @Test
    void cancel_ofAPromiseInACascade_cancelsTheOperationAsItsListenersAreTold() throws Exception {
        DefaultEventExecutor executor = new DefaultEventExecutor();
        CountDownLatch free = new CountDownLatch(1);
        CountDownLatch told = new CountDownLatch(1);
        try {
            executor.execute(() -> awaitQuietly(free));
            Promise<Object> elsewhere = executor.newPromise();
            NettyFutures.cascade(arm(), elsewhere);
            elsewhere.addListener(done -> told.countDown());

            assertThat(elsewhere.cancel(false)).isTrue();
            assertThat(source.getStatus(1)).isEqualTo(ValueTaskSourceStatus.PENDING);
            free.countDown();

            assertThat(told.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(source.tryArm()).as("free").isEqualTo(2);
        } finally {
            free.countDown();
            executor.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void cascade_intoAnUncancellablePromise_failsItWithTheCancellation() {
        promise.setUncancellable();
        NettyFutures.cascade(arm(), promise);

        source.cancel(1);

        assertThat(promise.isCancelled()).isTrue();
        assertThat(promise.cause()).isInstanceOf(CancellationException.class);
    }

    @Test
    void cascade_ofAnOperationOfASource_releasesTheResultThatThePromiseDoesNotTake() {
        ByteBuf buffer = Unpooled.buffer(1);
        NettyFutures.cascade(arm(), promise);
        promise.setSuccess("by somebody else");

        source.complete(1, buffer);

        assertThat(buffer.refCnt()).isZero();
        assertThat(source.tryArm()).as("free").isEqualTo(2);
    }

    @Test
    void cascade_ofAFuture_leavesTheResultThatThePromiseDoesNotTake() {
        ByteBuf buffer = Unpooled.buffer(1);
        CompletableFuture<Object> shared = new CompletableFuture<>();
        NettyFutures.cascade(ValueTask.fromFuture(shared), promise);
        promise.setSuccess("by somebody else");

        shared.complete(buffer);

        assertThat(buffer.release()).as("the only reference").isTrue();
    }

    @Test
    void cascade_ofACombination_releasesEachResultThatThePromiseDoesNotTake() {
        ByteBuf first = Unpooled.buffer(1);
        ByteBuf second = Unpooled.buffer(1);
        NettyFutures.cascade(ValueTasks.whenAll(arm(), ValueTask.completed(second)), lists);
        lists.setSuccess(List.of());

        source.complete(1, first);

        assertThat(first.refCnt()).isZero();
        assertThat(second.refCnt()).isZero();
    }

    @Test
    void cascade_ofAResult_releasesItIfThePromiseDoesNotTakeIt() {
        ByteBuf buffer = Unpooled.buffer(1);
        promise.setSuccess("by somebody else");

        NettyFutures.cascade(ValueTask.completed(buffer), promise);

        assertThat(buffer.refCnt()).isZero();
    }

    /** The source refuses, as its result is on its way: then nobody takes it. */
    @Test
    void cancel_ofTheFutureTooLate_releasesTheResult() {
        ByteBuf buffer = Unpooled.buffer(1);
        ManualResetValueTaskSource<Object> late = new UncancellableSource();
        NettyFutures.cascade(ValueTask.fromSource(late, late.arm()), promise);

        assertThat(promise.cancel(false)).isTrue();
        late.complete(1, buffer);

        assertThat(buffer.refCnt()).isZero();
    }

    private static final class UncancellableSource extends ManualResetValueTaskSource<Object> {
        @Override
        public boolean cancel(long token) {
            return false;
        }
    }
}
