package io.valuetask.samples;

import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.valuetask.CancellationToken;
import io.valuetask.CancellationTokenSource;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelOptions;
import io.valuetask.samples.Sample12ConnectionPool.ConnectionPool;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

@Timeout(60)
class ConnectionPoolTest {
    private static final CancellationToken NONE = CancellationToken.NONE;

    @Test
    void ask_whenManyThreadsGiveUpAtRandom_answersTheOthersRightAndLosesNoConnection() throws Exception {
        try (PlainServer server = new PlainServer(ConnectionPoolTest::echo);
                ConnectionPool pool = pool(server, 3, 100)) {
            Queue<String> wrong = new ConcurrentLinkedQueue<>();
            List<Thread> threads = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String name = "thread " + i;
                threads.add(Thread.startVirtualThread(() -> askOrGiveUp(pool, name, wrong)));
            }
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(wrong).isEmpty();
            assertThat(pool.open()).isBetween(0, 3);
            // All places are free: as many as there are can be rented, and one more cannot.
            for (int i = 0; i < 3; i++) {
                pool.rent(NONE);
            }
            assertThat(pool.open()).isEqualTo(3);
        }
    }

    private static void askOrGiveUp(ConnectionPool pool, String name, Queue<String> wrong) {
        for (int i = 0; i < 50; i++) {
            String question = name + " question " + i;
            try (CancellationTokenSource patience = new CancellationTokenSource()) {
                if (ThreadLocalRandom.current().nextInt(3) == 0) {
                    Thread.startVirtualThread(patience::cancel);
                }
                String answer = pool.ask(question, patience.token());
                if (!answer.equals(question)) {
                    wrong.add(question + " was answered " + answer);
                }
            } catch (CancellationException asked) {
                // Given up, at whatever stage it was.
            } catch (IOException | InterruptedException | RuntimeException failure) {
                wrong.add(question + " failed: " + failure);
            }
        }
    }

    @Test
    void ask_whenTheServerHasClosedTheIdleConnection_opensAnother() throws Exception {
        try (PlainServer server = new PlainServer(socket -> {
            BufferedReader lines = lines(socket);
            socket.getOutputStream().write((lines.readLine() + "\n").getBytes(StandardCharsets.UTF_8));
        }); ConnectionPool pool = pool(server, 1, 1)) {
            for (int i = 1; i <= 3; i++) {
                ValueTaskChannel<String, String> rented = pool.rent(NONE);
                rented.writeAndFlush("hello\n").await();
                assertThat(rented.read().await()).isEqualTo("hello");
                rented.closed().await();
                pool.giveBack(rented, true);
                assertThat(server.connections()).isEqualTo(i);
            }
            assertThat(pool.ask("again", NONE)).isEqualTo("again");
            assertThat(server.connections()).isEqualTo(4);
        }
    }

    @Test
    void rent_whenTheServerHasSaidMoreThanItWasAsked_doesNotUseThatConnectionAgain() throws Exception {
        try (PlainServer server = new PlainServer(socket -> {
            BufferedReader lines = lines(socket);
            for (String line; (line = lines.readLine()) != null;) {
                socket.getOutputStream().write((line + "\nand more\n").getBytes(StandardCharsets.UTF_8));
            }
        }); ConnectionPool pool = pool(server, 1, 1)) {
            for (int i = 1; i <= 3; i++) {
                ValueTaskChannel<String, String> rented = pool.rent(NONE);
                rented.writeAndFlush("question\n").await();
                assertThat(rented.read().await()).isEqualTo("question");
                rented.channel().eventLoop().submit(() -> {}).sync(); // what came with it has been received, too
                pool.giveBack(rented, true);
                assertThat(server.connections()).isEqualTo(i);
            }
        }
    }

    @Test
    void ask_whenTheServerCannotBeReached_failsAndFreesThePlace() throws Exception {
        try (PlainServer server = new PlainServer(ConnectionPoolTest::echo);
                ConnectionPool pool = pool(server, 1, 1)) {
            server.refuse();
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> pool.ask("hello", NONE)).isInstanceOf(IOException.class);
                assertThat(pool.open()).isZero();
            }
        }
    }

    @Test
    void rent_whenAllAreRented_waitsInOrderAndRefusesOneTooMany() throws Exception {
        try (PlainServer server = new PlainServer(ConnectionPoolTest::echo)) {
            ConnectionPool pool = pool(server, 1, 2);
            ValueTaskChannel<String, String> rented = pool.rent(NONE);
            BlockingQueue<String> order = new LinkedBlockingQueue<>();
            FutureTask<String> first = startWaiting(pool, "first", order);
            FutureTask<String> second = startWaiting(pool, "second", order);
            assertThatThrownBy(() -> pool.rent(NONE)).isInstanceOf(RejectedExecutionException.class)
                    .hasMessageStartingWith("2 wait");
            pool.giveBack(rented, true);
            assertThat(order.take()).isEqualTo("first");
            assertThat(first.get()).isEqualTo("first");
            assertThat(second.get()).isEqualTo("second");
            assertThat(server.connections()).isEqualTo(1);
            pool.close();
        }
    }

    @Test
    void close_whileOneWaits_refusesItAndClosesWhatComesBack() throws Exception {
        try (PlainServer server = new PlainServer(ConnectionPoolTest::echo)) {
            ConnectionPool pool = pool(server, 1, 2);
            ValueTaskChannel<String, String> rented = pool.rent(NONE);
            FutureTask<String> waiting = startWaiting(pool, "late", new LinkedBlockingQueue<>());
            pool.close();
            assertThatThrownBy(waiting::get).isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(ClosedChannelException.class);
            pool.giveBack(rented, true);
            rented.closed().await();
            assertThat(pool.open()).isZero();
            assertThatThrownBy(() -> pool.rent(NONE)).isInstanceOf(ClosedChannelException.class);
        }
    }

    /** Returns when the thread stands in the queue. */
    private static FutureTask<String> startWaiting(ConnectionPool pool, String name, Queue<String> order)
            throws InterruptedException {
        int before = pool.waiting();
        CountDownLatch started = new CountDownLatch(1);
        FutureTask<String> task = new FutureTask<>(() -> {
            started.countDown();
            ValueTaskChannel<String, String> rented = pool.rent(NONE);
            order.add(name);
            pool.giveBack(rented, true);
            return name;
        });
        Thread.startVirtualThread(task);
        started.await();
        while (pool.waiting() == before) {
            Thread.onSpinWait();
        }
        return task;
    }

    private static void echo(Socket socket) throws IOException {
        BufferedReader lines = lines(socket);
        for (String line; (line = lines.readLine()) != null;) {
            socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
    }

    private static BufferedReader lines(Socket socket) throws IOException {
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    private static ConnectionPool pool(PlainServer server, int mostOpen, int mostWaiting) {
        return new ConnectionPool(
                () -> server.connect(ValueTaskChannelOptions.DEFAULTS.halfClosure(false),
                        pipeline -> pipeline.addLast(new LineBasedFrameDecoder(80), new StringDecoder(),
                                new StringEncoder())),
                mostOpen, mostWaiting);
    }
}
