package io.valuetask.netty;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.util.concurrent.EventExecutor;
import io.valuetask.CancellationToken;
import io.valuetask.ValueTask;
import java.nio.channels.ClosedChannelException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Races that are too narrow to be met by chance, with their steps taken one by one. */
class ReadSourceTest {
    private final InboundQueue queue = new InboundQueue(64, 64 * 1024);
    private final ReadSource<String> reads = new ReadSource<>(new UnusedPump(queue), queue);

    /** The queue of these tests is never full. */
    private static final class UnusedPump extends ReadPump {
        UnusedPump(InboundQueue queue) {
            super(queue, true);
        }

        @Override
        EventExecutor executor() {
            throw new AssertionError();
        }

        @Override
        boolean mayRequest() {
            throw new AssertionError();
        }

        @Override
        boolean isWanted() {
            throw new AssertionError();
        }

        @Override
        void request() {
            throw new AssertionError();
        }
    }

    private ValueTask<String> read() {
        return ValueTask.fromSource(reads, reads.read(CancellationToken.NONE));
    }

    @Test
    void signal_whenTheNextReadIsPendingAlready_leavesItPending() throws Exception {
        queue.offer("first", 0); // the executor is interrupted here, and signals later
        assertThat(read().result()).isEqualTo("first");
        ValueTask<String> next = read();

        reads.signal();
        assertThat(next.isCompleted()).isFalse();

        queue.offer("second", 0);
        reads.signal();
        assertThat(next.result()).isEqualTo("second");
    }

    @Test
    void signal_whenNothingIsPending_doesNotAffectTheNextRead() throws Exception {
        queue.offer("first", 0);
        reads.signal();
        reads.signal();
        assertThat(read().result()).isEqualTo("first");
        assertThat(read().isCompleted()).isFalse();
    }

    @Test
    void end_whenMessagesWait_letsThemBeReadFirst() throws Exception {
        queue.offer("last", 0);
        reads.end(InboundEnd.END_OF_STREAM);

        assertThat(read().result()).isEqualTo("last");
        assertThat(read().result()).isNull();
    }

    @Test
    void end_whenClosedHereAfterTheEndOfTheStream_doesNotPassForIt() throws Exception {
        reads.end(InboundEnd.END_OF_STREAM);
        reads.end(InboundEnd.CLOSED_HERE);
        reads.end(InboundEnd.END_OF_STREAM);

        assertThatThrownBy(() -> read().result()).isInstanceOf(ClosedChannelException.class);
    }

    @Test
    void messageSize_whenTheSweeperHasReleasedTheHolder_doesNotThrow() {
        BinaryWebSocketFrame frame = new BinaryWebSocketFrame(Unpooled.buffer().writeZero(3));
        assertThat(MessageSize.of(frame)).isEqualTo(3);

        frame.release();

        assertThat(MessageSize.of(frame)).isZero();
    }
}
