package io.valuetask.schedule;

import io.netty.channel.SingleThreadEventLoop;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.II_Result;
import org.openjdk.jcstress.infra.results.L_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A virtual thread is ready on an event loop that shuts down and whose queue is full, so that another thread hands in the
 * next turn. Meanwhile the loop runs what it has and lives on, or comes to its end. The virtual thread goes on once: in that
 * turn, or in the loop's last pass, or is found when it has ended.
 *
 * <p>The loop is Netty's own as far as it has no thread: an actor is that.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t NextTurnStress"</pre>
 */
public class NextTurnStress {
    private NextTurnStress() {}

    @JCStressTest
    @Outcome(id = "went on", expect = ACCEPTABLE, desc = "the turn was handed in, or will be")
    @Outcome(id = "went on, handed in twice", expect = ACCEPTABLE, desc = "the queue was full still")
    @Outcome(id = "nobody", expect = FORBIDDEN, desc = "no turn comes any more")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class ActualFull {
        private final ShuttingDown carrying = new ShuttingDown();

        @Actor
        public void loop() {
            carrying.loop.enter();
            carrying.loop.runAllTasks();
        }

        @Actor
        public void other() {
            carrying.handIn();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String twice = carrying.handedIn == null ? "" : ", handed in twice";
            carrying.loop.enter();
            carrying.loop.runAllTasks();
            if (carrying.handedIn != null) {
                carrying.handIn();
            }
            for (int i = 0; i < 100; i++) {
                carrying.loop.runAllTasks(); // a task sets a timer, and that will be due
            }
            r.r1 = (carrying.resumed == 1 ? "went on" : carrying.resumed == 0 ? "nobody" : "twice") + twice;
        }
    }

    /** In its last pass the loop finds much to do, and then one more is ready. */
    @JCStressTest
    @Outcome(id = "in the turn, found at the end", expect = ACCEPTABLE, desc = "the turn was among the last tasks")
    @Outcome(id = "in the last pass, found at the end", expect = ACCEPTABLE, desc = "the turn was rejected")
    @Outcome(expect = FORBIDDEN, desc = "goes on twice, or never, or both threads go on with somebody")
    @State
    public static class ActualEnd {
        private static final int MUCH = 16;

        private final ShuttingDown carrying = new ShuttingDown();
        private int inTheTurn;

        public ActualEnd() {
            carrying.loop.enter();
            carrying.loop.runAllTasks(); // makes room
            carrying.loop.leave();
            carrying.loop.lastPass = () -> {
                inTheTurn = carrying.resumed;
                carrying.turns.turnIfMany(MUCH);
                carrying.makeReady();
            };
        }

        @Actor
        public void loop() {
            carrying.loop.runToItsEnd();
        }

        @Actor
        public void other() {
            carrying.handIn();
        }

        @Arbiter
        public void arbiter(L_Result r) {
            String first = carrying.resumed != 1
                    ? "resumed " + carrying.resumed
                    : inTheTurn == 1 ? "in the turn" : "in the last pass";
            String second = carrying.turns.isAnyReady() ? "found at the end" : "lost";
            r.r1 = carrying.handedIn == null ? first + ", " + second : "handed in for ever";
        }
    }

    /**
     * Removed: who is rejected looks whether the loop is shut down. Every rejection is taken for that.
     *
     * <p>Goes wrong: the queue is full, and then the loop empties it and lives on.
     */
    @JCStressTest
    @Outcome(id = "went on", expect = ACCEPTABLE, desc = "loop -> other")
    @Outcome(id = "nobody", expect = ACCEPTABLE_INTERESTING, desc = "other is rejected -> loop empties its queue: no turn comes")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenGivesUp {
        private final Queue<Runnable> tasks = new ArrayBlockingQueue<>(1);
        private boolean resumed;

        public BrokenGivesUp() {
            tasks.add(() -> {});
        }

        @Actor
        public void loop() {
            runTasks();
        }

        @Actor
        public void other() {
            tasks.offer(() -> resumed = true);
        }

        @Arbiter
        public void arbiter(L_Result r) {
            runTasks();
            r.r1 = resumed ? "went on" : "nobody";
        }

        private void runTasks() {
            for (Runnable task; (task = tasks.poll()) != null;) {
                task.run();
            }
        }
    }

    /**
     * Removed: who is ready is the loop's until that has ended. Here the one who is rejected, as it is shut down, takes them.
     *
     * <p>Goes wrong: the loop is in its last pass, and takes them, too.
     *
     * <p>Results: how often the virtual thread goes on, on the loop and elsewhere.
     */
    @JCStressTest
    @Outcome(id = "1, 0", expect = ACCEPTABLE, desc = "on the loop")
    @Outcome(id = "0, 1", expect = ACCEPTABLE, desc = "elsewhere")
    @Outcome(id = "1, 1", expect = ACCEPTABLE_INTERESTING, desc = "shut down -> both look -> both take: it goes on twice")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenTakesOver {
        private volatile boolean shutDown;
        private boolean ready = true;

        @Actor
        public void loop(II_Result r) {
            shutDown = true;
            r.r1 = take();
        }

        @Actor
        public void other(II_Result r) {
            r.r2 = shutDown ? take() : 0;
        }

        private int take() {
            if (!ready) {
                return 0;
            }
            ready = false;
            return 1;
        }
    }

    /** Somebody is ready, and another thread is to hand in the turn. */
    private static final class ShuttingDown {
        final ActorLoop loop = new ActorLoop();
        /** What waits elsewhere to be handed in. */
        Runnable handedIn;
        final CarrierTurns turns;
        int resumed;
        private final EventLoopCarrier carrier = new EventLoopCarrier(loop);

        ShuttingDown() {
            turns = new CarrierTurns(carrier, task -> handedIn = task, System::nanoTime);
            loop.enter();
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS); // to wake it up is the only task for which there is room
            makeReady();
            turns.request();
            loop.leave();
        }

        void makeReady() {
            turns.add(new CarriedThread(carrier, () -> resumed++));
        }

        void handIn() {
            Runnable task = handedIn;
            handedIn = null;
            task.run();
        }
    }

    /** Netty's, with room for one task. It runs when an actor calls it. */
    private static final class ActorLoop extends SingleThreadEventLoop {
        /** It would tell of each task that it forgets at its end. Held, or the level would be collected. */
        private static final Logger LOGGER = Logger
                .getLogger("io.netty.util.concurrent.SingleThreadEventExecutor");

        static {
            LOGGER.setLevel(Level.OFF);
        }

        /** What its thread would do. */
        private final Runnable[] started;
        /** Plain, see ActorExecutor. */
        private Thread entered;
        /** When it is shut down. */
        Runnable lastPass;

        private ActorLoop() {
            this(new Runnable[1]);
        }

        private ActorLoop(Runnable[] started) {
            super(null, (Executor) body -> started[0] = body, true);
            this.started = started;
        }

        void enter() {
            entered = Thread.currentThread();
        }

        void leave() {
            entered = null;
        }

        void runToItsEnd() {
            enter();
            started[0].run();
        }

        @Override
        protected void run() {
            confirmShutdown();
        }

        @Override
        protected void cleanup() {
            lastPass.run();
        }

        @Override
        protected boolean runAllTasks() {
            return super.runAllTasks();
        }

        @Override
        protected Queue<Runnable> newTaskQueue(int maxPendingTasks) {
            return new ArrayBlockingQueue<>(1);
        }

        @Override
        public boolean inEventLoop(Thread asked) {
            return asked == entered;
        }
    }
}
