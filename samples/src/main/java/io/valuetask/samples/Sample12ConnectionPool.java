// $ java -jar samples/target/netty-valuetask-samples.jar connection-pool
package io.valuetask.samples;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.valuetask.CancellationRegistration;
import io.valuetask.CancellationToken;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ManualResetValueTaskSource;
import io.valuetask.ValueTask;
import io.valuetask.ValueTaskSourcePool;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.netty.ValueTaskChannelOptions;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * A client that keeps a few connections to a server and shares them among many threads. What is there already is taken at
 * once; only what is really pending registers for cancellation, and is awaited.
 */
@Command(name = "connection-pool", mixinStandardHelpOptions = true, description = "A few connections for many threads: the fast path, and cancellation beside it.")
public final class Sample12ConnectionPool implements SampleCommand {
    @Mixin
    private SampleLoops loops;

    public static void main(String... arguments) {
        Samples.run(new Sample12ConnectionPool(), arguments);
    }

    @Override
    public void run() throws Exception {
        ValueTaskChannelOptions options = ValueTaskChannelOptions.DEFAULTS.halfClosure(false);
        try (SampleLoopback server = new SampleLoopback(loops,
                ValueTaskChannelInitializer.serve(new Lines(), Sample12ConnectionPool::answer));
                ConnectionPool pool = new ConnectionPool(() -> server.connect(options, Lines::add), 2, 100)) {
            askFromManyThreads(pool);
            giveUp(pool);
            waitForAConnection(pool);
        }
    }

    private static void askFromManyThreads(ConnectionPool pool) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        Map<String, String> answers = new ConcurrentSkipListMap<>();
        for (String name : List.of("red", "green", "blue", "grey", "pink")) {
            threads.add(Thread.startVirtualThread(() -> {
                try {
                    for (int i = 0; i < 100; i++) {
                        answers.put(name, pool.ask(name, CancellationToken.NONE));
                    }
                } catch (IOException | InterruptedException | RuntimeException failure) {
                    answers.put(name, failure.toString());
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        System.out.println(answers + ", over " + pool.open() + " connections");
    }

    private static void giveUp(ConnectionPool pool) throws Exception {
        try (CancellationTokenSource patience = new CancellationTokenSource()) {
            patience.cancelAfter(Duration.ofMillis(50));
            pool.ask(UNANSWERED, patience.token());
        } catch (CancellationException canceled) {
            System.out.println(
                    "no answer: " + canceled.getMessage() + "; its connection is closed, " + pool.open()
                            + " is open");
        }
    }

    private static void waitForAConnection(ConnectionPool pool) throws Exception {
        ValueTaskChannel<String, String> first = pool.rent(CancellationToken.NONE);
        ValueTaskChannel<String, String> second = pool.rent(CancellationToken.NONE);
        try (CancellationTokenSource patience = new CancellationTokenSource()) {
            patience.cancelAfter(Duration.ofMillis(50));
            pool.rent(patience.token());
        } catch (CancellationException canceled) {
            System.out.println("both are rented: " + canceled.getMessage());
        }
        pool.giveBack(first, true);
        pool.giveBack(second, true);
        System.out.println("both are back: " + pool.ask("the last one", CancellationToken.NONE));
    }

    // The server

    private static final String UNANSWERED = "hush";

    /** Sends back each line but one. */
    private static void answer(ValueTaskChannel<String, String> channel) throws Exception {
        for (String line; (line = channel.read().await()) != null;) {
            if (!line.equals(UNANSWERED)) {
                channel.writeAndFlush(line.toUpperCase(Locale.ROOT) + "\n").await();
            }
        }
    }

    @ChannelHandler.Sharable
    private static final class Lines extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            add(channel.pipeline());
        }

        static void add(ChannelPipeline pipeline) {
            pipeline.addLast(new LineBasedFrameDecoder(80), new StringDecoder(), new StringEncoder());
        }
    }

    // The client

    /** At most so many connections; who finds none free waits for one, in order. */
    static final class ConnectionPool implements AutoCloseable {
        private final Supplier<ValueTask<ValueTaskChannel<String, String>>> connector;
        private final int mostOpen;
        private final int mostWaiting;
        private final ValueTaskSourcePool<ManualResetValueTaskSource<ValueTaskChannel<String, String>>> turns;
        private final ReentrantLock lock = new ReentrantLock();

        // Guarded by the lock.
        private final Deque<ValueTaskChannel<String, String>> idle = new ArrayDeque<>();
        private final Deque<Waiting> waiting = new ArrayDeque<>();
        private int open;
        private boolean closed;

        /** Who waits for a connection, or for the permission to open one, which is null. */
        private record Waiting(ManualResetValueTaskSource<ValueTaskChannel<String, String>> turn,
                long token) {
            ValueTask<ValueTaskChannel<String, String>> task() {
                return ValueTask.fromSource(turn, token);
            }
        }

        ConnectionPool(Supplier<ValueTask<ValueTaskChannel<String, String>>> connector, int mostOpen,
                int mostWaiting) {
            this.connector = connector;
            this.mostOpen = mostOpen;
            this.mostWaiting = mostWaiting;
            turns = new ValueTaskSourcePool<>(mostOpen, ManualResetValueTaskSource::new);
        }

        /** Sends a line, and waits for the one that answers it. */
        String ask(String question, CancellationToken cancellation) throws IOException, InterruptedException {
            ValueTaskChannel<String, String> channel = rent(cancellation);
            boolean reusable = false;
            try {
                channel.writeAndFlush(question + "\n").discard(); // if it fails, so does the read
                String answer = read(channel, cancellation);
                if (answer == null) {
                    throw new EOFException("the server has closed the connection and not answered");
                }
                reusable = true;
                return answer;
            } finally {
                giveBack(channel, reusable);
            }
        }

        /**
         * The fast path: an answer that is there is taken, and nothing else happens. Otherwise a cancellation closes the
         * connection, since an answer that comes later must not be taken for that to the next question. To cancel the read
         * alone, {@code answer.await(cancellation)} does the same in one call.
         */
        @SuppressWarnings("try") // the registration is there to be closed
        private static String read(ValueTaskChannel<String, String> channel, CancellationToken cancellation)
                throws IOException, InterruptedException {
            ValueTask<String> answer = channel.read();
            if (answer.isCompletedSuccessfully()) {
                return answer.result();
            }
            try (CancellationRegistration registration = cancellation.register(ValueTaskChannel::close,
                    channel)) {
                return answer.await();
            } catch (ClosedChannelException closed) {
                cancellation.throwIfRequested();
                throw closed;
            }
        }

        /** A connection that nobody else uses; give it back whatever happens. */
        ValueTaskChannel<String, String> rent(CancellationToken cancellation)
                throws IOException, InterruptedException {
            Waiting turn;
            lock.lock();
            try {
                if (closed) {
                    throw new ClosedChannelException();
                }
                ValueTaskChannel<String, String> free = removeIdle();
                if (free != null) {
                    return free;
                }
                turn = open < mostOpen ? null : enqueue(cancellation);
                if (turn == null) {
                    open++;
                }
            } finally {
                lock.unlock();
            }
            ValueTaskChannel<String, String> passedOn = turn == null ? null : await(turn);
            return passedOn != null ? passedOn : connect(cancellation);
        }

        /**
         * A connection that the server has closed meanwhile, or on which it has said more than it was asked, is not used
         * again. That sees what has arrived; a server of which more must be feared needs answers that name their questions.
         */
        private ValueTaskChannel<String, String> removeIdle() {
            for (ValueTaskChannel<String, String> channel; (channel = idle.pollLast()) != null;) {
                if (channel.channel().isActive() && saysNothing(channel)) {
                    return channel;
                }
                channel.close();
                open--;
            }
            return null;
        }

        private static boolean saysNothing(ValueTaskChannel<String, String> channel) {
            try {
                return channel.tryRead() == null;
            } catch (IOException | RuntimeException failed) {
                return false;
            }
        }

        private Waiting enqueue(CancellationToken cancellation) {
            if (waiting.size() == mostWaiting) {
                throw new RejectedExecutionException(
                        mostWaiting + " wait for a connection already; try again later");
            }
            ManualResetValueTaskSource<ValueTaskChannel<String, String>> source = turns.rent();
            Waiting last = new Waiting(source, source.arm(cancellation));
            waiting.add(last);
            return last;
        }

        private ValueTaskChannel<String, String> await(Waiting turn)
                throws IOException, InterruptedException {
            boolean taken = false;
            try {
                ValueTaskChannel<String, String> passedOn = turn.task().await();
                taken = true;
                return passedOn;
            } finally {
                if (!taken) {
                    withdraw(turn);
                }
            }
        }

        /** After a cancellation, an interrupt, or a refusal to wait on an event loop: the place is free for others. */
        private void withdraw(Waiting turn) {
            lock.lock();
            try {
                waiting.remove(turn);
            } finally {
                lock.unlock();
            }
            if (turn.turn.cancel(turn.token)) {
                turn.task().discard();
            }
        }

        /** For who has been counted as open already. */
        private ValueTaskChannel<String, String> connect(CancellationToken cancellation)
                throws IOException, InterruptedException {
            boolean connected = false;
            try {
                ValueTaskChannel<String, String> channel = connector.get().await(cancellation);
                connected = true;
                return channel;
            } finally {
                if (!connected) {
                    passOn(null);
                }
            }
        }

        /** Ends a rental; of a connection in an unknown state, too, which is closed. */
        void giveBack(ValueTaskChannel<String, String> channel, boolean reusable) {
            if (!reusable) {
                channel.close();
            }
            passOn(reusable ? channel : null);
        }

        /** A token that has fired, or a waiter that was interrupted, refuses; then the next one gets it. */
        private void passOn(ValueTaskChannel<String, String> channel) {
            for (;;) {
                Waiting first;
                lock.lock();
                try {
                    first = waiting.poll();
                    if (first == null) {
                        keep(channel);
                        return;
                    }
                } finally {
                    lock.unlock();
                }
                if (first.turn.tryComplete(first.token, channel)) {
                    return;
                }
            }
        }

        private void keep(ValueTaskChannel<String, String> channel) {
            if (channel != null && !closed) {
                idle.addLast(channel);
                return;
            }
            open--;
            if (channel != null) {
                channel.close();
            }
        }

        /** How many connections there are, rented, idle and being opened. */
        int open() {
            lock.lock();
            try {
                return open;
            } finally {
                lock.unlock();
            }
        }

        /** How many callers wait for one. */
        int waiting() {
            lock.lock();
            try {
                return waiting.size();
            } finally {
                lock.unlock();
            }
        }

        /** Closes what is idle, refuses who waits, and closes what is rented when it is given back. */
        @Override
        public void close() {
            List<Waiting> refused;
            lock.lock();
            try {
                closed = true;
                idle.forEach(ValueTaskChannel::close);
                open -= idle.size();
                idle.clear();
                refused = List.copyOf(waiting);
                waiting.clear();
            } finally {
                lock.unlock();
            }
            for (Waiting turn : refused) {
                turn.turn.tryCompleteExceptionally(turn.token, new ClosedChannelException());
            }
        }
    }
}
/*
{blue=BLUE, green=GREEN, grey=GREY, pink=PINK, red=RED}, over 2 connections
no answer: cancellation was requested; its connection is closed, 1 is open
both are rented: the operation was cancelled
both are back: THE LAST ONE
*/
