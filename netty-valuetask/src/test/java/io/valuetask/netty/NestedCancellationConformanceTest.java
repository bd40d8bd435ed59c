package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.Row;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;
import static org.assertj.core.api.Assertions.assertThat;

/** What .NET tests of pipelines that are cancelled from inside a cancellation. */
@ParameterizedClass(name = "{0}")
@EnumSource(value = ConformanceFixture.Wire.class, names = {"NIO", "EPOLL"})
class NestedCancellationConformanceTest extends ConformanceFixture {
    private final CancellationTokenSource cancellation = new CancellationTokenSource();
    private final CancellationTokenSource other = new CancellationTokenSource();

    /** The continuation runs inside cancel(), and waits there for a thread that uses all that cancel() uses. */
    @Row(92)
    @Test
    void row92_cancel_whoseContinuationWaitsForAnotherThread_doesNotLockUp() throws Exception {
        connect();
        Resumption before = new Resumption();
        Resumption after = new Resumption();
        CompletableFuture<String> read = new CompletableFuture<>();
        cancellation.token().register(after, null); // the latest is told first
        ValueTask<ByteBuf> cancelled = server().read(cancellation.token());
        assertThat(cancelled.onCompleted(unused -> {
            try {
                assertCanceled(cancelled);
                read.complete(BackgroundCall.start(PLATFORM, () -> {
                    assertThat(cancellation.cancel()).isFalse();
                    assertCanceled(server().read(cancellation.token()));
                    cancellation.token().register(new Resumption(), null).close();
                    CancellationTokenSource linked = CancellationTokenSource.linked(cancellation.token(),
                            other.token());
                    assertThat(linked.isCancellationRequested()).isTrue();
                    linked.close();
                    send("x");
                    return Bytes.text(server().read(other.token()).await());
                }).result());
            } catch (Throwable failure) {
                read.completeExceptionally(failure);
            }
        }, null)).isTrue();
        cancellation.token().register(before, null);

        assertThat(cancellation.cancel()).isTrue();

        assertThat(read.getNow("nothing")).isEqualTo("x");
        assertThat(before.times()).isOne();
        assertThat(after.times()).isOne();
    }

    @Row(92)
    @Test
    void row92_flush_whoseCancellationRunsItsContinuation_doesNotLockUp() throws Exception {
        connect();
        ValueTask<Void> write = writeThatStalls();
        CompletableFuture<String> inside = new CompletableFuture<>();
        CompletableFuture<Void> flush = server().flush().toCompletableFuture();
        CompletableFuture<Void> dependent = flush.whenComplete((done, failure) -> {
            try {
                assertThat(failure).isInstanceOf(CancellationException.class);
                awaitServerLoop(); // it takes no lock that this thread has
                inside.complete(BackgroundCall.start(PLATFORM, () -> {
                    ValueTask<Void> second = server().flush();
                    Streams.read(client(), LARGE);
                    second.await();
                    return "flushed";
                }).result());
            } catch (Throwable stuck) {
                inside.completeExceptionally(stuck);
            }
        });

        assertThat(flush.cancel(true)).isTrue();

        assertThat(inside.getNow("nothing")).isEqualTo("flushed");
        assertThat(dependent).isCompletedExceptionally();
        assertThat(write.await()).isNull();
    }

    /** Each cancelled read starts and cancels the next one, from inside the cancellation. */
    @Row(92)
    @Test
    void row92_cancel_insideACancellationTenThousandDeep_neitherLocksUpNorOverflows() throws Exception {
        connect();
        CompletableFuture<Integer> depth = new CompletableFuture<>();

        cancelNested(0, depth);

        assertThat(depth.getNow(-1)).isEqualTo(10_000);
        send("x");
        assertThat(read()).isEqualTo("x");
    }

    private void cancelNested(int depth, CompletableFuture<Integer> reached) {
        if (depth == 10_000) {
            reached.complete(depth);
            return;
        }
        CancellationTokenSource source = new CancellationTokenSource();
        ValueTask<ByteBuf> read = server().read(source.token());
        assertThat(read.onCompleted(unused -> {
            assertCanceled(read);
            cancelNested(depth + 1, reached);
        }, null)).isTrue();
        source.cancel();
    }
}
