package io.valuetask.perf.jmh;

import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Exchanger;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A word to another thread and its answer: each of the two waits parked for the other one. What is counted is mostly two
 * wake-ups by the operating system, the same for all; the difference is what each way puts on top, and the garbage of both
 * threads. Two platform threads; how a virtual thread goes on that an event loop carries, only {@code echo} shows.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class HandOffBenchmark {
    private static final String WORD = "word";
    private static final String END = "end";

    /** The other thread, which answers what it gets until that is the end. */
    @State(Scope.Thread)
    public abstract static class Partner {
        private Thread thread;

        abstract String ask(String word) throws Exception;

        abstract void answer() throws Exception;

        @Setup
        public final void start() {
            thread = new Thread(() -> {
                try {
                    answer();
                } catch (Exception failure) {
                    throw new IllegalStateException("the partner has ended too early", failure);
                }
            }, "partner");
            thread.setDaemon(true);
            thread.start();
        }

        @TearDown
        public final void end() throws Exception {
            ask(END);
            thread.join();
        }
    }

    /** Two reusable sources: one that the partner waits for, and one that we do. */
    public static class Sources extends Partner {
        private final ManualResetValueTaskSource<String> question = new ManualResetValueTaskSource<>();
        private final ManualResetValueTaskSource<String> answer = new ManualResetValueTaskSource<>();
        // Plain: each is written before the completion that makes the other thread read it.
        private long asked = question.arm();
        private long awaited;

        @Override
        String ask(String word) throws IOException, InterruptedException {
            long token = answer.arm();
            awaited = token;
            question.complete(asked, word);
            return ValueTask.fromSource(answer, token).await();
        }

        @Override
        void answer() throws IOException, InterruptedException {
            String word;
            do {
                word = ValueTask.fromSource(question, asked).await();
                asked = question.arm();
                answer.complete(awaited, word);
            } while (!word.equals(END));
        }
    }

    /** The same with a future for each direction of each round. */
    public static class Futures extends Partner {
        private CompletableFuture<String> question = new CompletableFuture<>();
        private CompletableFuture<String> answer;

        @Override
        String ask(String word) throws Exception {
            CompletableFuture<String> mine = new CompletableFuture<>();
            answer = mine;
            question.complete(word);
            return mine.get();
        }

        @Override
        void answer() throws Exception {
            String word;
            do {
                word = question.get();
                question = new CompletableFuture<>();
                answer.complete(word);
            } while (!word.equals(END));
        }
    }

    /** A queue without room for each direction. */
    public static class Queues extends Partner {
        private final SynchronousQueue<String> questions = new SynchronousQueue<>();
        private final SynchronousQueue<String> answers = new SynchronousQueue<>();

        @Override
        String ask(String word) throws InterruptedException {
            questions.put(word);
            return answers.take();
        }

        @Override
        void answer() throws InterruptedException {
            String word;
            do {
                word = questions.take();
                answers.put(word);
            } while (!word.equals(END));
        }
    }

    /** Two meetings at one exchanger, of which each gives in one direction. */
    public static class Exchange extends Partner {
        private final Exchanger<String> exchanger = new Exchanger<>();

        @Override
        String ask(String word) throws InterruptedException {
            exchanger.exchange(word);
            return exchanger.exchange(null);
        }

        @Override
        void answer() throws InterruptedException {
            String word;
            do {
                word = exchanger.exchange(null);
                exchanger.exchange(word);
            } while (!word.equals(END));
        }
    }

    @Benchmark
    public String handOffBySources(Sources partner) throws Exception {
        return partner.ask(WORD);
    }

    @Benchmark
    public String handOffByCompletableFutures(Futures partner) throws Exception {
        return partner.ask(WORD);
    }

    @Benchmark
    public String handOffBySynchronousQueues(Queues partner) throws Exception {
        return partner.ask(WORD);
    }

    @Benchmark
    public String handOffByExchanger(Exchange partner) throws Exception {
        return partner.ask(WORD);
    }
}
