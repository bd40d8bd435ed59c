package io.valuetask.schedule;

import io.valuetask.testing.ForkedJvm;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What depends on how the JVM was started: the flag, the system property, the common scheduler's threads, the compiler. */
@Timeout(120)
class OtherJvmsTest {
    private static final String OPENS = "--add-opens=java.base/java.lang=ALL-UNNAMED";
    private static final String QUIET = "-Dio.valuetask.blockedLoopMillis=0";
    private static final String ADVICE = "bodies run on the common scheduler";

    /** Tells what a user finds out. */
    public static final class Report {
        private Report() {}

        /** Prints a line for each. */
        public static void main(String[] arguments) throws Exception {
            System.out.println("options=" + ManagementFactory.getRuntimeMXBean().getInputArguments());
            System.out.println("supported=" + EventLoopVirtualThreads.isSupported());
            System.out.println("reason=" + EventLoopVirtualThreads.whyUnsupported().orElse("none"));
            io.netty.channel.EventLoopGroup group = CarryingLoop.Kind.NIO.newGroup();
            try {
                for (int i = 0; i < 3; i++) {
                    Thread body = EventLoopVirtualThreads.factory(group.next(), "body-").newThread(() -> {
                        LockSupport.parkNanos(1);
                        System.out.println("runs=" + Thread.currentThread());
                    });
                    body.start();
                    CarryingLoop.join(body);
                }
                for (BodyScheduling scheduling : BodyScheduling.values()) {
                    try {
                        EventLoopVirtualThreads.create(scheduling, group.next(), "body", () -> {});
                        System.out.println(scheduling + "=created");
                    } catch (IllegalStateException refused) {
                        System.out.println(scheduling + "=" + refused.getMessage());
                    }
                }
            } catch (ExceptionInInitializerError failed) {
                System.out.println("failed=" + failed.getCause());
            }
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        }
    }

    @Test
    void bodies_withoutTheFlag_runOnTheCommonSchedulerAndItIsSaidOnce() throws Exception {
        String printed = new ForkedJvm().run(Report.class);

        assertThat(printed).as("not inherited").contains("options=[]");
        assertThat(printed).contains("supported=false", "reason=java.lang is not open to it", OPENS,
                "runs=VirtualThread");
        assertThat(printed).containsPattern("runs=.*@ForkJoinPool")
                .doesNotContain("@multiThreadIoEventLoopGroup");
        assertThat(printed)
                .containsPattern("EVENT_LOOP=.*cannot carry virtual threads.*" + OPENS.replace("-", "\\-"));
        assertThat(printed).contains("AUTOMATIC=created", "COMMON=created");
        assertThat(printed.split(ADVICE, -1)).as("said once").hasSize(2);
    }

    @Test
    void bodies_withTheFlag_runOnTheLoop() throws Exception {
        String printed = new ForkedJvm().with(OPENS).run(Report.class);

        assertThat(printed).contains("supported=true", "reason=none", "EVENT_LOOP=created", "COMMON=created")
                .containsPattern("runs=.*@multiThreadIoEventLoopGroup").doesNotContain(ADVICE);
    }

    @Test
    void property_common_decidesWithoutAWord() throws Exception {
        for (String flag : new String[]{OPENS, "-Dno.flag"}) {
            String printed = new ForkedJvm().with(flag, "-Dio.valuetask.bodies=common").run(Report.class);
            assertThat(printed).containsPattern("runs=.*@ForkJoinPool").doesNotContain(ADVICE)
                    .doesNotContain("@multiThreadIoEventLoopGroup");
        }
    }

    @Test
    void property_eventLoop_refusesWhereItCannotBe() throws Exception {
        assertThat(new ForkedJvm().with(OPENS, "-Dio.valuetask.bodies=event-loop").run(Report.class))
                .containsPattern("runs=.*@multiThreadIoEventLoopGroup").contains("AUTOMATIC=created");
        assertThat(new ForkedJvm().with("-Dio.valuetask.bodies=event-loop").run(Refused.class))
                .contains("refused=the event loop cannot carry virtual threads", OPENS);
    }

    /** Asks for a thread that there cannot be. */
    public static final class Refused {
        private Refused() {}

        /** Prints why. */
        public static void main(String[] arguments) {
            io.netty.channel.EventLoopGroup group = CarryingLoop.Kind.NIO.newGroup();
            try {
                EventLoopVirtualThreads.factory(group.next(), "body-").newThread(() -> {});
            } catch (IllegalStateException refused) {
                System.out.println("refused=" + refused.getMessage());
            }
            group.shutdownGracefully(0, 5, TimeUnit.SECONDS);
        }
    }

    /** A loop that waits for a lock which one of its bodies is the next to get. */
    public static final class Waiting {
        private Waiting() {}

        /** Prints that it has got it. */
        public static void main(String[] arguments) throws Exception {
            try (CarryingLoop carrying = new CarryingLoop()) {
                ReentrantLock lock = new ReentrantLock(true);
                lock.lock();
                Thread body = carrying.start(() -> {
                    lock.lock();
                    lock.unlock();
                });
                CarryingLoop.awaitParked(body);
                Future<?> handler = carrying.loop.submit(() -> {
                    lock.lock();
                    lock.unlock();
                });
                while (lock.getQueueLength() < 2) {
                    Thread.onSpinWait();
                }
                lock.unlock();
                handler.get();
                System.out.println("relieved");
            }
        }
    }

    /** It says when to report, and not how long a loop may wait. */
    @Test
    void property_ofAnHourForReports_doesNotKeepTheWatchdogFromRelieving() throws Exception {
        assertThat(new ForkedJvm().with(OPENS, "-Dio.valuetask.blockedLoopMillis=3600000").run(Waiting.class))
                .contains("relieved");
    }

    @Test
    void property_nonsense_isNamed() throws Exception {
        assertThat(new ForkedJvm().with("-Dio.valuetask.bodies=nonsense").run(Report.class))
                .contains("failed=", "io.valuetask.bodies", "nonsense", "automatic, event-loop or common");
    }

    /** Bodies, common threads and the end of the loop, with the library first met on a virtual thread. */
    public static final class Everything {
        private static final int LAPS = 2_000;

        private Everything() {}

        /** Prints a word when all is done. */
        public static void main(String[] arguments) throws Exception {
            Thread first = Thread.ofVirtual().unstarted(() -> System.out
                    .println("supported=" + EventLoopVirtualThreads.isSupported()));
            first.start();
            CarryingLoop.join(first);

            CarryingLoop carrying = new CarryingLoop();
            Semaphore there = new Semaphore(0);
            Semaphore back = new Semaphore(0);
            Thread body = carrying.start(() -> {
                for (int i = 0; i < LAPS; i++) {
                    there.release();
                    carrying.carrier.post(() -> {});
                    back.acquire();
                    Thread.yield();
                }
            });
            Thread common = Thread.ofVirtual().start(carrying.noting(() -> {
                for (int i = 0; i < LAPS; i++) {
                    there.acquire();
                    Thread.yield();
                    back.release();
                }
            }));
            CarryingLoop.join(body, common);
            Thread[] parked = new Thread[100];
            for (int i = 0; i < parked.length; i++) {
                parked[i] = carrying.start(() -> {
                    LockSupport.park();
                    LockSupport.parkNanos(1);
                });
                CarryingLoop.awaitParked(parked[i]);
            }
            carrying.close();
            CarryingLoop.join(parked);
            ThreadLocal<String> local = new ThreadLocal<>();
            if (arguments.length > 0) {
                Thread.ofVirtual().start(() -> local.set(arguments[0])).join();
            }
            System.out.println("all done");
        }
    }

    /** First met on a thread that is being stopped. */
    public static final class Interrupted {
        private Interrupted() {}

        /** Prints what was found out. */
        public static void main(String[] arguments) {
            Thread.currentThread().interrupt();
            System.out.println("supported=" + EventLoopVirtualThreads.isSupported() + ", "
                    + EventLoopVirtualThreads.whyUnsupported().orElse("no reason"));
            System.out.println("interrupted=" + Thread.interrupted());
        }
    }

    @Test
    void isSupported_whenAnInterruptedThreadIsTheFirstToAsk_isTrue() throws Exception {
        assertThat(new ForkedJvm().with(OPENS).run(Interrupted.class)).contains("supported=true, no reason",
                "interrupted=true");
    }

    /** The JDK's pollers are threads of whoever needs them first, and that one's loop ends. */
    public static final class Sockets {
        private Sockets() {}

        /** Prints a word when all is done. */
        public static void main(String[] arguments) throws Exception {
            for (int i = 0; i < 2; i++) {
                try (CarryingLoop carrying = new CarryingLoop();
                        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                    Thread body = carrying.start(() -> {
                        try (Socket socket = new Socket(server.getInetAddress(), server.getLocalPort())) {
                            assertThat(socket.getInputStream().read()).isEqualTo(7);
                        }
                    });
                    try (Socket peer = server.accept()) {
                        CarryingLoop.awaitParked(body);
                        peer.getOutputStream().write(7);
                        CarryingLoop.join(body);
                    }
                }
            }
            System.out.println("all done");
        }
    }

    @Test
    void jdkSockets_whenTheFirstLoopThatUsedThemHasEnded_workOnTheNext() throws Exception {
        assertThat(new ForkedJvm().with(OPENS).run(Sockets.class)).contains("all done");
    }

    /** H32: the common scheduler has few threads, and those that wait on it are not made up for. H42: C1, or none. */
    @ParameterizedTest
    @ValueSource(strings = {
        "-Djdk.virtualThreadScheduler.parallelism=1 -Djdk.virtualThreadScheduler.maxPoolSize=1",
        "-Djdk.virtualThreadScheduler.parallelism=2 -Djdk.virtualThreadScheduler.maxPoolSize=2",
        "-XX:TieredStopAtLevel=1", "-Xint", "-Xcheck:jni", "-ea -esa"})
    void everything_inAJvmThatWasStartedOtherwise_isDone(String options) throws Exception {
        assertThat(new ForkedJvm().with(OPENS).with(options.split(" ")).run(Everything.class))
                .contains("supported=true", "all done");
    }

    /** H39: a thread-local on a virtual thread is a table for each. */
    @Test
    void everything_setsNoThreadLocalOnAVirtualThread() throws Exception {
        String printed = new ForkedJvm().with(OPENS, QUIET, "-Djdk.traceVirtualThreadLocals=true")
                .run(Everything.class, "the one that is seen");

        assertThat(printed).contains("all done").contains("OtherJvmsTest$Everything.lambda$main");
        assertThat(printed).doesNotContain("io.valuetask.schedule.CarriedThread",
                "io.valuetask.schedule.EventLoopCarrier", "io.netty.");
    }
}
