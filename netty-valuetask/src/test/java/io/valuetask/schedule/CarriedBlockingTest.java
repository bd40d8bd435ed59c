package io.valuetask.schedule;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** H26: what waits inside a body parks the body. The loop, and its other bodies, go on, and can be what is waited for. */
@Timeout(60)
class CarriedBlockingTest {
    private final CarryingLoop carrying = new CarryingLoop();

    @AfterEach
    void close() {
        carrying.close();
    }

    /** The loop has tasks to do that the body waits for. */
    private void onTheLoop(Runnable task) {
        EventLoop loop = carrying.loop;
        loop.execute(() -> loop.execute(task));
    }

    @Test
    void sleep_inABody_parksOnlyTheBody() throws Exception {
        CountDownLatch tasks = new CountDownLatch(100);
        CarryingLoop.join(carrying.start(() -> {
            while (tasks.getCount() > 0) {
                onTheLoop(tasks::countDown);
                Thread.sleep(1);
            }
        }));
    }

    @Test
    void latch_thatTheLoopOpens_isWaitedForInABody() throws Exception {
        CountDownLatch opened = new CountDownLatch(1);
        CarryingLoop.join(carrying.start(() -> {
            onTheLoop(opened::countDown);
            CarryingLoop.await(opened);
        }));
    }

    @Test
    void lock_thatAnotherBodyHolds_isWaitedFor() throws Exception {
        ReentrantLock lock = new ReentrantLock();
        AtomicInteger inside = new AtomicInteger();
        Thread[] bodies = new Thread[20];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = carrying.start(() -> {
                for (int lap = 0; lap < 50; lap++) {
                    lock.lock();
                    try {
                        assertThat(inside.incrementAndGet()).isEqualTo(1);
                        Thread.yield();
                        inside.decrementAndGet();
                    } finally {
                        lock.unlock();
                    }
                }
            });
        }
        CarryingLoop.join(bodies);
    }

    /** Monitors unmount from JDK 24 on. */
    @Test
    void monitor_thatAnotherBodyHolds_isWaitedFor() throws Exception {
        Object monitor = new Object();
        AtomicInteger inside = new AtomicInteger();
        Thread[] bodies = new Thread[4];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = carrying.start(() -> {
                synchronized (monitor) {
                    assertThat(inside.incrementAndGet()).isEqualTo(1);
                    Thread.sleep(1);
                    inside.decrementAndGet();
                }
            });
        }
        CarryingLoop.join(bodies);
    }

    /** A lock that the loop's own handlers take, too, would hold up the loop: that is not for bodies that park with it. */
    @Test
    void lock_thatABodyHoldsWhileItParks_isWaitedForByAnotherLoop() throws Exception {
        try (CarryingLoop other = new CarryingLoop()) {
            ReentrantLock lock = new ReentrantLock();
            CountDownLatch locked = new CountDownLatch(1);
            Thread body = carrying.start(() -> {
                lock.lock();
                try {
                    locked.countDown();
                    while (!lock.hasQueuedThreads()) {
                        Thread.sleep(1);
                    }
                } finally {
                    lock.unlock();
                }
            });
            CarryingLoop.await(locked);
            other.run(() -> {
                lock.lock();
                lock.unlock();
            });
            CarryingLoop.join(body);
        }
    }

    @Test
    void lock_thatAnotherLoopHolds_isWaitedForByABody() throws Exception {
        try (CarryingLoop other = new CarryingLoop()) {
            ReentrantLock lock = new ReentrantLock();
            CountDownLatch locked = new CountDownLatch(1);
            other.loop.execute(other.noting(() -> {
                lock.lock();
                try {
                    locked.countDown();
                    while (!lock.hasQueuedThreads()) {
                        Thread.onSpinWait();
                    }
                } finally {
                    lock.unlock();
                }
            }));
            CarryingLoop.await(locked);
            Thread body = carrying.start(() -> {
                lock.lock();
                lock.unlock();
            });
            CarryingLoop.join(body);
        }
    }

    @Test
    void semaphore_thatTheLoopReleases_isWaitedFor() throws Exception {
        Semaphore semaphore = new Semaphore(0);
        CarryingLoop.join(carrying.start(() -> {
            onTheLoop(semaphore::release);
            semaphore.acquire();
        }));
    }

    @Test
    void join_ofAnotherBody_isWaitedFor() throws Exception {
        Thread awaited = carrying.start(() -> Thread.sleep(5));
        CarryingLoop.join(carrying.start(awaited::join));
    }

    @Test
    void queue_betweenTwoBodiesAndTheLoop_isWaitedFor() throws Exception {
        BlockingQueue<Integer> there = new LinkedBlockingQueue<>(2);
        BlockingQueue<Integer> back = new LinkedBlockingQueue<>();
        int many = 1_000;
        Thread producer = carrying.start(() -> {
            for (int i = 0; i < many; i++) {
                there.put(i);
            }
        });
        Thread consumer = carrying.start(() -> {
            for (int i = 0; i < many; i++) {
                Integer taken = there.take();
                onTheLoop(() -> back.add(taken));
                assertThat(back.take()).isEqualTo(i);
            }
        });
        CarryingLoop.join(producer, consumer);
    }

    @Test
    void mapEntry_thatAnotherBodyComputes_isWaitedFor() throws Exception {
        ConcurrentHashMap<String, Integer> map = new ConcurrentHashMap<>();
        Thread[] bodies = new Thread[4];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = carrying.start(() -> {
                for (int lap = 0; lap < 5; lap++) {
                    map.compute("key", (key, before) -> {
                        try {
                            Thread.sleep(1);
                        } catch (InterruptedException unexpected) {
                            throw new AssertionError(unexpected);
                        }
                        return before == null ? 1 : before + 1;
                    });
                }
            });
        }
        CarryingLoop.join(bodies);
        assertThat(map).containsEntry("key", 20);
    }

    /**
     * Netty's default one only tries for its locks. The pooled one waits for them, and so a body and its loop can wait for each
     * other there (netty#13204): see {@link EventLoopVirtualThreads} on locks that handlers take.
     */
    @Test
    void defaultAllocator_whichTheLoopItsBodiesAndOthersUse_holdsUpNobody() throws Exception {
        int many = 20_000;
        CarryingLoop.Body allocate = () -> {
            for (int i = 1; i <= many; i++) {
                ByteBufAllocator.DEFAULT.buffer(i).release();
                if (i % 100 == 0) {
                    Thread.yield();
                }
            }
        };
        CountDownLatch loopDone = new CountDownLatch(many);
        carrying.loop.execute(new Runnable() {
            @Override
            public void run() {
                ByteBufAllocator.DEFAULT.buffer(40_000).release();
                loopDone.countDown();
                if (loopDone.getCount() > 0) {
                    carrying.loop.execute(this);
                }
            }
        });
        CarryingLoop.join(carrying.start(allocate), carrying.start(allocate), carrying.start(allocate),
                Thread.ofPlatform().daemon().start(carrying.noting(allocate)),
                Thread.ofVirtual().start(carrying.noting(allocate)));
        CarryingLoop.await(loopDone);
    }

    @Test
    void jdkSocket_whosePeerTheSameLoopServes_parksOnlyTheBody() throws Exception {
        Channel server = new ServerBootstrap().group(carrying.loop).channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInboundHandlerAdapter() {
                    @Override
                    public void channelRead(ChannelHandlerContext ctx, Object message) {
                        ctx.writeAndFlush(message);
                    }

                    @Override
                    public boolean isSharable() {
                        return true;
                    }
                }).bind(InetAddress.getLoopbackAddress(), 0).sync().channel();
        Thread[] bodies = new Thread[3];
        for (int i = 0; i < bodies.length; i++) {
            bodies[i] = carrying.start(() -> {
                try (Socket socket = new Socket()) {
                    socket.connect((InetSocketAddress) server.localAddress());
                    for (int lap = 0; lap < 50; lap++) {
                        socket.getOutputStream().write(lap);
                        assertThat(socket.getInputStream().read()).isEqualTo(lap);
                    }
                }
            });
        }
        CarryingLoop.join(bodies);
    }
}
