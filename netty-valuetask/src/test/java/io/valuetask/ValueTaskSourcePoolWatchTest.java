package io.valuetask;

import java.io.IOException;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A pool tells of the sources that were rented and dropped, and of no others. */
class ValueTaskSourcePoolWatchTest {
    private final ValueTaskSourcePool<Watched> pool = new ValueTaskSourcePool<>(1, Watched::new);
    private final Logger logger = Logger.getLogger("io.valuetask");
    private final List<LogRecord> records = new CopyOnWriteArrayList<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            // Other tests drop sources, too, and it may come to light here.
            if (logged.getMessage().contains("source=Watched;")) {
                records.add(logged);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    private static final class Watched extends ManualResetValueTaskSource<String> {}

    private static final class Sentinel extends ManualResetValueTaskSource<String> {}

    @BeforeEach
    void listen() {
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void listenNoMore() {
        logger.removeHandler(handler);
        logger.setUseParentHandlers(true);
    }

    @Test
    void source_droppedWhilePending_isReportedOnceWithItsTokenAndState() throws Exception {
        pool.rent().arm();

        awaitCollection(() -> records.size() == 1);

        assertThat(pool.lost()).isEqualTo(1);
        assertThat(pool.outstanding()).isZero();
        assertThat(records.get(0).getLevel()).isEqualTo(Level.WARNING);
        assertThat(message())
                .isEqualTo("a value task of a pooled source was dropped before its outcome was taken: "
                        + "token=1, state=PENDING, source=Watched; await each value task, or say with discard() that nobody "
                        + "will, lost=1");
        collectOnceMore();
        assertThat(records).as("once").hasSize(1);
    }

    @Test
    void source_droppedWithItsResult_isReportedInThatState() throws Exception {
        useOnce();
        completeAndDrop();

        awaitCollection(() -> records.size() == 1);

        assertThat(message()).contains("token=2, state=SUCCEEDED");
    }

    private void useOnce() throws IOException {
        Watched source = pool.rent();
        long token = source.arm();
        source.complete(token, "result");
        source.getResult(token);
    }

    private void completeAndDrop() {
        Watched source = pool.rent();
        source.complete(source.arm(), "result");
    }

    @Test
    void source_droppedWithItsFailureOrAtOnce_isReportedInThatState() throws Exception {
        failAndDrop();
        awaitCollection(() -> records.size() == 1);
        assertThat(message()).contains("token=1, state=FAULTED");

        records.clear();
        succeedAtOnceAndDrop();
        awaitCollection(() -> records.size() == 1);
        assertThat(message()).contains("token=1, state=SUCCEEDED").endsWith("lost=2");
    }

    private void failAndDrop() {
        Watched source = pool.rent();
        source.completeExceptionally(source.arm(), new IOException());
    }

    private void succeedAtOnceAndDrop() {
        Watched source = pool.rent();
        source.begin();
        source.succeed("at once");
    }

    @Test
    void source_droppedWhenItsOwnerHadFoundThatItMustWait_isReportedInThatState() throws Exception {
        beginPendAndDrop();

        awaitCollection(() -> records.size() == 1);

        assertThat(message()).contains("token=1, state=PENDING");
    }

    private void beginPendAndDrop() {
        Watched source = pool.rent();
        source.begin();
        source.pend();
    }

    @Test
    void source_droppedWithoutAnOperation_isReportedAsSuch() throws Exception {
        pool.rent();

        awaitCollection(() -> records.size() == 1);

        assertThat(message())
                .isEqualTo("a source was rented from its pool and never armed: token=none, state=IDLE, "
                        + "source=Watched; rent one only for an operation that is started, lost=1");
    }

    @Test
    void source_thatCameBackToAFullPool_isNotReported() throws Exception {
        WeakReference<Watched> dropped = overfill();

        awaitCollection(() -> dropped.refersTo(null));
        collectOnceMore();

        assertThat(records).isEmpty();
        assertThat(pool.lost()).isZero();
        assertThat(pool.created()).isEqualTo(2);
    }

    private WeakReference<Watched> overfill() throws IOException {
        Watched first = pool.rent();
        Watched second = pool.rent();
        for (Watched source : List.of(first, second)) {
            long token = source.arm();
            source.complete(token, "result");
            source.getResult(token);
        }
        return new WeakReference<>(second);
    }

    @Test
    void pool_thatIsGarbage_goesWithItsIdleSourcesAndReportsNone() throws Exception {
        WeakReference<Object> watched = useAndDropAPool();

        awaitCollection(() -> watched.refersTo(null));
        collectOnceMore();

        assertThat(records).isEmpty();
    }

    private static WeakReference<Object> useAndDropAPool() throws IOException {
        ValueTaskSourcePool<Watched> dropped = new ValueTaskSourcePool<>(1, Watched::new);
        Watched source = dropped.rent();
        long token = source.arm();
        source.complete(token, "result");
        source.getResult(token);
        assertThat(dropped.idle()).isEqualTo(1);
        return new WeakReference<>(source);
    }

    private String message() {
        return records.get(0).getMessage();
    }

    /** What one collection finds is reported in any order. What is found by a later one is reported later. */
    private static void collectOnceMore() throws InterruptedException {
        for (int i = 0; i < 2; i++) {
            ValueTaskSourcePool<Sentinel> sentinels = new ValueTaskSourcePool<>(1, Sentinel::new);
            sentinels.rent();
            awaitCollection(() -> sentinels.lost() == 1);
        }
    }

    private static void awaitCollection(BooleanSupplier happened) throws InterruptedException {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!happened.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 20 s");
            }
            System.gc();
            Thread.sleep(10); // the cleaner's thread needs a processor, too
        }
    }
}
