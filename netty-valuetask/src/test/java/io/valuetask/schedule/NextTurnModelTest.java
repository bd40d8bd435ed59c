package io.valuetask.schedule;

import io.netty.util.concurrent.AbstractEventExecutor;
import io.netty.util.concurrent.DefaultPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Delayed;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * All orders of what an event loop, whoever makes bodies ready and the thread elsewhere may do, up to a number of steps, with
 * the turns themselves on a model of a loop. After each of them the loop does what it has to do: then all bodies have gone on
 * as often as they were made ready, or are left to the end of a loop that is shut down. What happens within one of these
 * steps is for NextTurnStress.
 */
@Timeout(120)
class NextTurnModelTest {
    private static final int STEPS = 9;

    @Test
    void turns_inEachOrder_forgetNobody() {
        Exploration all = new Exploration(false, false);
        all.explore(new ArrayList<>());

        assertThat(all.lost).isNull();
        assertThat(all.orders).isGreaterThan(100_000);
    }

    /** The twin: one that shuts down has its timer set at once, as it may cancel the others just now. */
    @Test
    void turns_whereNobodyAsksWhetherItShutsDown_forgetSomebody() {
        Exploration all = new Exploration(true, false);
        all.explore(new ArrayList<>());

        assertThat(all.lost).isNotNull();
    }

    /** The twin: who is rejected does not come again. */
    @Test
    void turns_whereNobodyIsElsewhere_forgetSomebody() {
        Exploration all = new Exploration(false, true);
        all.explore(new ArrayList<>());

        assertThat(all.lost).isNotNull();
    }

    private enum Step {
        /** Somebody can go on, and will want another turn. */
        READY,
        FILL_QUEUE,
        TASK,
        DUE_TIMERS,
        SHUT_DOWN,
        CANCEL_TIMERS,
        /** A listener of one of them makes somebody ready. */
        READY_AMID_CANCELLATION,
        /** A listener of one of them asks for a turn. */
        TURN_AMID_CANCELLATION,
        ELSEWHERE,
        /** Takes no tasks any more. */
        SHUT
    }

    private static final class Exploration {
        private final boolean hidesShutdown;
        private final boolean forgets;
        int orders;
        List<Step> lost;

        Exploration(boolean hidesShutdown, boolean forgets) {
            this.hidesShutdown = hidesShutdown;
            this.forgets = forgets;
        }

        void explore(List<Step> path) {
            Model model = new Model(hidesShutdown, forgets);
            path.forEach(model::perform);
            List<Step> next = Arrays.stream(Step.values()).filter(model::isPossible).toList();
            orders++;
            if (!model.settles()) {
                lost = List.copyOf(path);
            }
            if (path.size() < STEPS) {
                for (Step each : next) {
                    if (lost == null) {
                        path.addLast(each);
                        explore(path);
                        path.removeLast();
                    }
                }
            }
        }
    }

    /** Everything, on one thread. */
    private static final class Model {
        private static final int MOST_BODIES = 2;

        private final ModelLoop loop;
        private final ArrayDeque<Runnable> elsewhere = new ArrayDeque<>();
        private final EventLoopCarrier carrier;
        private final CarrierTurns turns;
        private int bodies;
        private int resumptions;

        Model(boolean hidesShutdown, boolean forgets) {
            loop = new ModelLoop(hidesShutdown);
            carrier = new EventLoopCarrier(loop);
            Executor later = forgets ? task -> {} : elsewhere::add;
            turns = new CarrierTurns(carrier, later);
        }

        boolean isPossible(Step step) {
            return switch (step) {
                case READY -> bodies < MOST_BODIES && !loop.shut;
                case FILL_QUEUE -> loop.hasRoom();
                case TASK -> !loop.tasks.isEmpty();
                case DUE_TIMERS -> !loop.timers.isEmpty() && !loop.shut;
                case SHUT_DOWN -> !loop.shuttingDown;
                case CANCEL_TIMERS -> loop.shuttingDown && !loop.timers.isEmpty();
                case READY_AMID_CANCELLATION -> loop.shuttingDown && bodies < MOST_BODIES && !loop.shut;
                case TURN_AMID_CANCELLATION -> loop.shuttingDown && turns.isAnyReady();
                case ELSEWHERE -> !elsewhere.isEmpty();
                case SHUT -> loop.shuttingDown && !loop.shut;
            };
        }

        void perform(Step step) {
            switch (step) {
                case READY -> makeReady();
                case FILL_QUEUE -> loop.execute(() -> {});
                case TASK -> loop.tasks.remove().run();
                case DUE_TIMERS -> loop.runTimers();
                case SHUT_DOWN -> loop.shuttingDown = true;
                case CANCEL_TIMERS -> loop.cancelTimers(() -> {});
                case READY_AMID_CANCELLATION -> loop.cancelTimers(this::makeReady);
                case TURN_AMID_CANCELLATION -> loop.cancelTimers(turns::turn);
                case ELSEWHERE -> elsewhere.remove().run();
                case SHUT -> loop.shut = true;
            }
        }

        /** As {@link EventLoopCarrier#submit} does. */
        private void makeReady() {
            bodies++;
            CarriedThread[] body = new CarriedThread[1];
            boolean[] hasYielded = new boolean[1];
            body[0] = new CarriedThread(carrier, () -> {
                resumptions++;
                if (!hasYielded[0]) {
                    hasYielded[0] = true;
                    turns.afterwards(() -> turns.afterwards(() -> turns.add(body[0]))); // is put off
                }
            });
            turns.add(body[0]);
            turns.request();
        }

        /** The loop and the thread elsewhere do what there is to do. Answers whether all have gone on as often as they should. */
        boolean settles() {
            for (int i = 0; i < 2 * STEPS; i++) {
                for (Step each : List.of(Step.TASK, loop.shuttingDown ? Step.CANCEL_TIMERS : Step.DUE_TIMERS,
                        Step.ELSEWHERE)) {
                    if (isPossible(each)) {
                        perform(each);
                    }
                }
            }
            return loop.shut
                    ? turns.isAnyReady() ? resumptions < 2 * bodies : resumptions == 2 * bodies
                    : !turns.isAnyReady() && resumptions == 2 * bodies;
        }
    }

    /** One that has room for a task. */
    private static final class ModelLoop extends AbstractEventExecutor {
        private final boolean hidesShutdown;
        final ArrayDeque<Runnable> tasks = new ArrayDeque<>();
        final List<Timer> timers = new ArrayList<>();
        boolean shuttingDown;
        boolean shut;

        ModelLoop(boolean hidesShutdown) {
            this.hidesShutdown = hidesShutdown;
        }

        boolean hasRoom() {
            return tasks.isEmpty() && !shut;
        }

        void runTimers() {
            List<Timer> due = List.copyOf(timers);
            timers.clear();
            for (Timer each : due) {
                each.task.run();
                each.setSuccess(null);
            }
        }

        /** As Netty does: forgets those that are set meanwhile. */
        void cancelTimers(Runnable amid) {
            List<Timer> all = List.copyOf(timers);
            amid.run();
            all.forEach(timer -> timer.cancel(false));
            timers.clear();
        }

        @Override
        public void execute(Runnable task) {
            if (!hasRoom()) {
                throw new RejectedExecutionException();
            }
            tasks.add(task);
        }

        @Override
        public ScheduledFuture<?> schedule(Runnable task, long delay, TimeUnit unit) {
            Timer timer = new Timer(task);
            timers.add(timer);
            return timer;
        }

        @Override
        public boolean inEventLoop(Thread asked) {
            return true;
        }

        @Override
        public boolean isShuttingDown() {
            return shuttingDown && !hidesShutdown;
        }

        @Override
        public boolean isShutdown() {
            return shut;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return false;
        }

        @Override
        @Deprecated
        public void shutdown() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<?> shutdownGracefully(long quietPeriod, long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Future<?> terminationFuture() {
            throw new UnsupportedOperationException();
        }
    }

    private static final class Timer extends DefaultPromise<Object> implements ScheduledFuture<Object> {
        final Runnable task;

        Timer(Runnable task) {
            super(ImmediateEventExecutor.INSTANCE);
            this.task = task;
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }
}
