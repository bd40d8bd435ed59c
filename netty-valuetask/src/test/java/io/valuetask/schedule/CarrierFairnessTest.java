package io.valuetask.schedule;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** H29, H30: bodies that never have enough leave the loop to its tasks, its timers and its I/O, and those leave it to them. */
@Timeout(60)
class CarrierFairnessTest {
    private final CarryingLoop carrying = new CarryingLoop();
    private final AtomicBoolean enough = new AtomicBoolean();
    private final List<Thread> greedy = new ArrayList<>();

    @BeforeEach
    void yieldForEver() throws Exception {
        CountDownLatch running = new CountDownLatch(3);
        for (int i = 0; i < 3; i++) {
            greedy.add(carrying.start(() -> {
                running.countDown();
                while (!enough.get()) {
                    Thread.yield();
                }
            }));
        }
        CarryingLoop.await(running);
    }

    private void yieldNoMore() throws Exception {
        enough.set(true);
        CarryingLoop.join(greedy.toArray(Thread[]::new));
    }

    @AfterEach
    void close() throws Exception {
        yieldNoMore();
        carrying.close();
    }

    @Test
    void tasksAndTimers_whileBodiesYieldForEver_run() throws Exception {
        for (int i = 0; i < 100; i++) {
            carrying.run(() -> {});
        }
        CountDownLatch timers = new CountDownLatch(20);
        carrying.loop.scheduleAtFixedRate(timers::countDown, 1, 1, TimeUnit.MILLISECONDS);
        CarryingLoop.await(timers);
    }

    @Test
    void otherBodies_whileSomeYieldForEver_goOn() throws Exception {
        Thread sleeper = carrying.start(() -> {
            for (int i = 0; i < 20; i++) {
                Thread.sleep(1);
            }
        });
        CarryingLoop.join(sleeper);
    }

    private static void unparkAll(Thread[] bodies) {
        for (Thread body : bodies) {
            LockSupport.unpark(body);
        }
    }

    private interface Conversation {
        void run(Socket peer, CountDownLatch received) throws Exception;
    }

    /** The bodies that are resumed before a byte is read that has been there before they were made ready. */
    private int resumedBeforeAByte(AtomicInteger resumed, Runnable makeReady) throws Exception {
        AtomicInteger before = new AtomicInteger(-1);
        withConnection(() -> before.compareAndSet(-1, resumed.get()), 1, (peer, received) -> {
            CountDownLatch held = new CountDownLatch(1);
            CountDownLatch ready = new CountDownLatch(1);
            carrying.loop.execute(carrying.noting(() -> {
                held.countDown();
                CarryingLoop.await(ready);
            }));
            CarryingLoop.await(held);
            peer.getOutputStream().write(1);
            makeReady.run();
            ready.countDown();
            CarryingLoop.await(received);
        });
        return before.get();
    }

    private void withConnection(Runnable onByte, int bytes, Conversation conversation) throws Exception {
        CountDownLatch received = new CountDownLatch(bytes);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Channel channel = new Bootstrap().group(carrying.loop).channel(NioSocketChannel.class)
                    .handler(new SimpleChannelInboundHandler<ByteBuf>() {
                        @Override
                        protected void channelRead0(ChannelHandlerContext ctx, ByteBuf message) {
                            onByte.run();
                            for (int i = 0; i < message.readableBytes(); i++) {
                                received.countDown();
                            }
                            ctx.writeAndFlush(Unpooled.wrappedBuffer(new byte[]{1}));
                        }
                    }).connect(server.getLocalSocketAddress()).sync().channel();
            try (Socket peer = server.accept()) {
                peer.setSoTimeout((int) CarryingLoop.LIMIT.toMillis());
                conversation.run(peer, received);
            } finally {
                channel.close().sync();
            }
        }
    }

    @Test
    void socket_whileBodiesYieldForEver_isServed() throws Exception {
        withConnection(() -> {}, 50, (peer, received) -> {
            for (int i = 0; i < 50; i++) {
                peer.getOutputStream().write(1);
                assertThat(peer.getInputStream().read()).isEqualTo(1);
            }
            CarryingLoop.await(received);
        });
    }

    /** Each of those that arrive would be a reason for one more turn, and each turn is as long as it may be. */
    @Test
    void io_whenManyBecomeReadyElsewhereAtOnce_comesAfterOneTurn() throws Exception {
        int many = 200;
        AtomicInteger resumed = new AtomicInteger();
        Thread[] bodies = carrying.parked(many, resumed::incrementAndGet);

        int before = resumedBeforeAByte(resumed, () -> unparkAll(bodies));

        CarryingLoop.join(bodies);
        assertThat(before).as("resumed before the byte that was there").isZero();
    }

    /** Each has a turn of its own, as a task of the loop, and ends within it. */
    @Test
    void io_whenManyThatComputeBecomeReadyElsewhereAtOnce_comesAfterAFew() throws Exception {
        yieldNoMore();
        AtomicInteger resumed = new AtomicInteger();
        Thread[] bodies = carrying.parked(500, () -> {
            resumed.incrementAndGet();
            CarryingLoop.computeForAThirdOfATurn();
        });

        int before = resumedBeforeAByte(resumed, () -> unparkAll(bodies));

        CarryingLoop.join(bodies);
        assertThat(before).as("resumed before the byte that was there").isBetween(0, 4);
    }

    /** Each is made ready by a task of its own, and the next such task comes behind the turn that it asked for. */
    @Test
    void io_whileTasksOfOthersMakeOneAfterAnotherReady_comesAfterAFew() throws Exception {
        yieldNoMore();
        AtomicInteger resumed = new AtomicInteger();
        Thread[] bodies = carrying.parked(500, () -> {
            resumed.incrementAndGet();
            CarryingLoop.computeForAThirdOfATurn();
        });

        int before = resumedBeforeAByte(resumed, () -> carrying.loop.execute(new Runnable() {
            private int next;

            @Override
            public void run() {
                LockSupport.unpark(bodies[next++]);
                if (next < bodies.length) {
                    carrying.loop.execute(this);
                }
            }
        }));

        CarryingLoop.join(bodies);
        assertThat(before).as("resumed before the byte that was there").isBetween(0, 4);
    }

    /** Each turn begins when the loop has no other task, and ends when it has one. */
    @Test
    void io_whileAnotherThreadMakesTheOneReadyWhenTheOtherGoesOn_comesAfterAFew() throws Exception {
        yieldNoMore();
        AtomicInteger resumed = new AtomicInteger();
        AtomicInteger resumedBeforeIo = new AtomicInteger(-1);
        AtomicInteger running = new AtomicInteger(-1);
        withConnection(() -> resumedBeforeIo.compareAndSet(-1, resumed.get()), 1, (peer, received) -> {
            Thread[] bodies = new Thread[2];
            for (int i = 0; i < 2; i++) {
                int self = i;
                bodies[i] = carrying.start(() -> {
                    for (int left = 100; left > 0; left--) {
                        LockSupport.park();
                        if (resumed.incrementAndGet() == 1) {
                            peer.getOutputStream().write(1);
                        }
                        running.set(self);
                        while (running.get() >= 0) {
                            Thread.onSpinWait(); // until the other one is a task of the loop
                        }
                        CarryingLoop.computeForAThirdOfATurn();
                    }
                });
                CarryingLoop.awaitParked(bodies[i]);
            }
            LockSupport.unpark(bodies[0]);
            while (bodies[0].isAlive() || bodies[1].isAlive()) {
                int self = running.get();
                if (self >= 0) {
                    LockSupport.unpark(bodies[1 - self]);
                    running.set(-1);
                }
                Thread.onSpinWait();
            }
            CarryingLoop.await(received);
        });

        assertThat(resumedBeforeIo).as("resumed before the byte that was there").hasValueBetween(1, 5);
    }

    /** Each takes more than a turn may. */
    @Test
    void task_behindManyBodiesThatComputeForLong_comesAfterAFew() throws Exception {
        yieldNoMore();
        AtomicInteger resumed = new AtomicInteger();
        AtomicInteger resumedBeforeTheTask = new AtomicInteger();
        Thread[] bodies = carrying.parked(50, () -> {
            resumed.incrementAndGet();
            CarryingLoop.computeForTwoTurns();
        });

        carrying.run(() -> {
            unparkAll(bodies);
            carrying.loop.execute(() -> resumedBeforeTheTask.set(resumed.get()));
        });

        CarryingLoop.join(bodies);
        assertThat(resumedBeforeTheTask).hasValueLessThanOrEqualTo(4);
    }

    @Test
    void bodies_whileTasksPutThemselvesIntoTheQueueForEver_goOn() throws Exception {
        carrying.loop.execute(new Runnable() {
            @Override
            public void run() {
                if (!enough.get()) {
                    carrying.loop.execute(this);
                }
            }
        });
        Thread body = carrying.start(() -> Thread.sleep(1));

        CarryingLoop.join(body);
    }
}
