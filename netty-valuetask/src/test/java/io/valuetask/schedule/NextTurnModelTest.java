package io.valuetask.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    private static final Set<Step> STEPS_OF_ITS_END = EnumSet
            .complementOf(EnumSet.of(Step.TURN_AMID_IO, Step.AGAIN,
                    Step.REJECT_TIMER, Step.LONG));
    /** Of a loop that lives, and has room. */
    private static final Set<Step> STEPS_AMID_IO = EnumSet.of(Step.READY, Step.TASK, Step.DUE_TIMERS,
            Step.TURN_AMID_IO,
            Step.AGAIN, Step.LONG);

    @Test
    void turns_inEachOrder_forgetNobody() {
        Exploration all = Exploration.of(STEPS_OF_ITS_END, Twin.NONE);

        assertThat(all.lost).isNull();
        assertThat(all.orders).isGreaterThan(100_000);
    }

    /** The twin: one that shuts down has its timer set at once, as it may cancel the others just now. */
    @Test
    void turns_whereNobodyAsksWhetherItShutsDown_forgetSomebody() {
        assertThat(Exploration.of(STEPS_OF_ITS_END, Twin.ASKS_NOT_WHETHER_IT_SHUTS_DOWN).lost).isNotNull();
    }

    /** The twin: who is rejected does not come again. */
    @Test
    void turns_whereNobodyIsElsewhere_forgetSomebody() {
        assertThat(Exploration.of(STEPS_OF_ITS_END, Twin.NOBODY_IS_ELSEWHERE).lost).isNotNull()
                .doesNotContain(Step.LATER);
    }

    /** The twin: nobody is rejected, and still that does not come which was cancelled later on. */
    @Test
    void turns_whereWhatIsCancelledLaterOnIsForgotten_forgetSomebody() {
        assertThat(Exploration.of(STEPS_OF_ITS_END, Twin.FORGETS_WHAT_IS_CANCELLED_LATER).lost).isNotNull()
                .contains(Step.LATER);
    }

    /** It looks at how long it has shut down only when it finds no task. */
    @Test
    void quietEnd_inEachOrderWhereSomebodyYieldsForEver_findsNoTaskForOnce() {
        Exploration all = new Exploration(STEPS_OF_ITS_END, Twin.NONE, STEPS - 2, Model::isQuietOnce);
        all.explore(new ArrayList<>());

        assertThat(all.lost).isNull();
        assertThat(all.orders).isGreaterThan(10_000);
    }

    /** The twin: whatever is cancelled becomes a task at once, also later on. */
    @Test
    void quietEnd_whereNothingComesFromElsewhere_neverComes() {
        Exploration all = new Exploration(STEPS_OF_ITS_END, Twin.CLOCK_STANDS_STILL, STEPS,
                Model::isQuietOnce);
        all.explore(new ArrayList<>());

        assertThat(all.lost).isNotNull();
    }

    /** Also by somebody who is submitted again where he stands, as who asks for a stack does. */
    @Test
    void turnsAmidIo_inEachOrder_forgetNobody() {
        Exploration all = Exploration.of(STEPS_AMID_IO, Twin.NONE);

        assertThat(all.lost).isNull();
        assertThat(all.orders).isGreaterThan(40_000);
        assertThat(all.turnsAmidIo).as("resumed somebody while a turn was put off").isPositive();
        assertThat(all.putOffForNobody).as("a turn took the time of all that are tasks").isPositive();
    }

    /** The twin: who is submitted again has a second place in the queue, and those between lose theirs. */
    @Test
    void turns_whereSomebodyStandsInTheQueueTwice_forgetSomebody() {
        assertThat(Exploration.of(STEPS_AMID_IO, Twin.STANDS_TWICE).lost).isNotNull().contains(Step.AGAIN);
    }

    /** The twin: a turn amid the loop's I/O is taken for the one that was put off. */
    @Test
    void turnsAmidIo_whichReplaceTheOneThatIsPutOff_forgetSomebody() {
        assertThat(Exploration.of(STEPS_AMID_IO, Twin.TAKES_THE_PLACE).lost).isNotNull()
                .contains(Step.TURN_AMID_IO);
    }

    /** Netty's never does; another one's may. It asks for nothing then, so that the next one who is ready has to. */
    @Test
    void turns_whereATimerIsRejected_comeForTheNextWhoIsReady() {
        Exploration all = Exploration.ofRejectedTimers(Twin.NONE);

        assertThat(all.lost).isNull();
        assertThat(all.orders).isGreaterThan(5_000);
    }

    /** The twin: it is not told of the rejection, and takes the turn for put off. */
    @Test
    void turns_whereTheRejectionOfATimerIsIgnored_doNotComeForTheNextEither() {
        assertThat(Exploration.ofRejectedTimers(Twin.FORGETS_TIMERS).lost).isNotNull()
                .contains(Step.REJECT_TIMER);
    }

    /** At its end it does not matter, since that asks for no turn: all who are ready go on elsewhere. */
    @ParameterizedTest
    @EnumSource(names = {"REJECTS_TIMERS_WHEN_SHUT", "FORGETS_TIMERS"})
    void turns_whereALoopThatIsShutDownHasNoTimers_leaveAllToItsEnd(Twin noTimers) {
        Exploration all = new Exploration(STEPS_OF_ITS_END, noTimers, STEPS - 2, Model::settles);
        all.explore(new ArrayList<>());

        assertThat(all.lost).isNull();
    }

    enum Twin {
        NONE,
        ASKS_NOT_WHETHER_IT_SHUTS_DOWN,
        NOBODY_IS_ELSEWHERE,
        FORGETS_WHAT_IS_CANCELLED_LATER,
        CLOCK_STANDS_STILL,
        STANDS_TWICE,
        TAKES_THE_PLACE,
        REJECTS_TIMERS_WHEN_SHUT,
        FORGETS_TIMERS
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
        /** More than a second. */
        LATER,
        /** Takes no tasks any more. */
        SHUT,
        /** A handler is done with many messages. */
        TURN_AMID_IO,
        /** Who is ready, the first in the queue, is submitted once more. */
        AGAIN,
        /** The next one. */
        REJECT_TIMER,
        /** The next one who goes on computes for a millisecond in place of yielding. Once. */
        LONG
    }

    private static final class Exploration {
        private final Set<Step> steps;
        private final Twin twin;
        private final int depth;
        private final Predicate<Model> property;
        int orders;
        int turnsAmidIo;
        int putOffForNobody;
        List<Step> lost;

        Exploration(Set<Step> steps, Twin twin, int depth, Predicate<Model> property) {
            this.steps = steps;
            this.twin = twin;
            this.depth = depth;
            this.property = property;
        }

        static Exploration of(Set<Step> steps, Twin twin) {
            Exploration all = new Exploration(steps, twin, STEPS, Model::settles);
            all.explore(new ArrayList<>());
            return all;
        }

        static Exploration ofRejectedTimers(Twin twin) {
            Set<Step> steps = EnumSet.of(Step.READY, Step.TASK, Step.DUE_TIMERS, Step.TURN_AMID_IO,
                    Step.REJECT_TIMER, Step.LONG);
            Exploration all = new Exploration(steps, twin, STEPS, Model::settlesWithTheNext);
            all.explore(new ArrayList<>());
            return all;
        }

        void explore(List<Step> path) {
            Model model = new Model(twin, steps.contains(Step.AGAIN) ? 3 : 2);
            path.forEach(model::perform);
            List<Step> next = steps.stream().filter(model::isPossible).toList();
            orders++;
            turnsAmidIo += model.turnsAmidIo;
            putOffForNobody += model.putOffForNobody;
            if (!property.test(model)) {
                lost = List.copyOf(path);
            }
            if (path.size() < depth) {
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
        private static final int MANY = 16;
        private static final long TURN_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
        private static final long LATER_NANOS = TimeUnit.SECONDS.toNanos(2);

        private final Twin twin;
        private final int mostBodies;
        private final ModelLoop loop;
        private final ArrayDeque<Runnable> elsewhere = new ArrayDeque<>();
        private final EventLoopCarrier carrier;
        private final CarrierTurns turns;
        private final List<Body> bodies = new ArrayList<>();
        private long now = 1;
        /** Of the next one who goes on; negative when he has. */
        private long computing;
        int turnsAmidIo;
        int putOffForNobody;

        Model(Twin twin, int mostBodies) {
            this.twin = twin;
            this.mostBodies = mostBodies;
            loop = new ModelLoop(twin);
            carrier = new EventLoopCarrier(loop);
            boolean forgets = twin == Twin.NOBODY_IS_ELSEWHERE
                    || twin == Twin.FORGETS_WHAT_IS_CANCELLED_LATER;
            turns = new CarrierTurns(carrier, forgets ? task -> {} : elsewhere::add, () -> now);
        }

        boolean isPossible(Step step) {
            return switch (step) {
                case READY -> bodies.size() < mostBodies && !loop.shut;
                case FILL_QUEUE -> loop.hasRoom() && twin != Twin.FORGETS_WHAT_IS_CANCELLED_LATER;
                case TASK -> !loop.tasks.isEmpty();
                case DUE_TIMERS -> !loop.timers.isEmpty() && !loop.shut;
                case SHUT_DOWN -> !loop.shuttingDown;
                case CANCEL_TIMERS -> loop.shuttingDown && !loop.timers.isEmpty();
                case READY_AMID_CANCELLATION -> loop.shuttingDown && bodies.size() < mostBodies && !loop.shut;
                case TURN_AMID_CANCELLATION -> loop.shuttingDown && turns.isAnyReady();
                case ELSEWHERE -> !elsewhere.isEmpty();
                case LATER -> loop.shuttingDown && now < LATER_NANOS && twin != Twin.CLOCK_STANDS_STILL;
                case SHUT -> loop.shuttingDown && !loop.shut;
                case TURN_AMID_IO -> turns.isAnyReady();
                case AGAIN -> firstReady() != null;
                case REJECT_TIMER -> !loop.rejectsTimer;
                case LONG -> computing == 0;
            };
        }

        void perform(Step step) {
            switch (step) {
                case READY -> makeReady(false);
                case FILL_QUEUE -> loop.execute(() -> {});
                case TASK -> task();
                case DUE_TIMERS -> loop.runTimers();
                case SHUT_DOWN -> loop.shuttingDown = true;
                case CANCEL_TIMERS -> loop.cancelTimers(() -> {});
                case READY_AMID_CANCELLATION -> loop.cancelTimers(() -> makeReady(false));
                case TURN_AMID_CANCELLATION -> loop.cancelTimers(turns::turn);
                case ELSEWHERE -> elsewhere.remove().run();
                case LATER -> now += LATER_NANOS;
                case SHUT -> loop.shut = true;
                case TURN_AMID_IO -> turnAmidIo();
                case AGAIN -> submitAgain(firstReady());
                case REJECT_TIMER -> loop.rejectsTimer = true;
                case LONG -> computing = TURN_NANOS;
            }
        }

        private void task() {
            boolean none = loop.timers.isEmpty();
            loop.tasks.remove().run();
            if (none && !loop.timers.isEmpty() && !turns.isAnyReady()) {
                putOffForNobody++; // its time was up, and the next who is ready comes behind the I/O
            }
        }

        private Body firstReady() {
            return bodies.stream().filter(each -> each.carried.queued).findFirst().orElse(null);
        }

        private void submitAgain(Body ready) {
            if (twin == Twin.STANDS_TWICE) {
                ready.carried.queued = false;
            }
            turns.add(ready.carried);
        }

        private void turnAmidIo() {
            boolean isPutOff = !loop.timers.isEmpty();
            int before = resumptions();
            turns.turnIfMany(MANY);
            if (isPutOff && resumptions() != before) {
                turnsAmidIo++;
                if (twin == Twin.TAKES_THE_PLACE) {
                    loop.timers.clear();
                }
            }
        }

        private int resumptions() {
            return bodies.stream().mapToInt(body -> body.resumptions).sum();
        }

        /** As {@link EventLoopCarrier#submit} does. */
        private void makeReady(boolean yieldsForEver) {
            Body body = new Body(yieldsForEver);
            bodies.add(body);
            turns.add(body.carried);
            turns.request();
        }

        /** Goes on, yields and goes on, or so for ever. */
        private final class Body {
            private final boolean yieldsForEver;
            final CarriedThread carried = new CarriedThread(carrier, this::goOn);
            int resumptions;

            Body(boolean yieldsForEver) {
                this.yieldsForEver = yieldsForEver;
            }

            private void goOn() {
                resumptions++;
                if (computing > 0) {
                    now += computing;
                    computing = -1;
                    resumptions = 2; // and then wants no other turn
                }
                if (yieldsForEver || resumptions == 1) {
                    turns.afterwards(() -> turns.afterwards(() -> turns.add(carried))); // is put off
                }
            }
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
            boolean have = bodies.stream().allMatch(each -> each.resumptions == 2);
            return loop.shut ? turns.isAnyReady() != have : have && !turns.isAnyReady();
        }

        /** What a rejected timer has left over goes on with the next who is ready. */
        boolean settlesWithTheNext() {
            settles();
            loop.rejectsTimer = false;
            makeReady(false);
            return settles();
        }

        /** A loop that shuts down passes over its timers and tasks, as Netty's does. Answers whether one pass found no task. */
        boolean isQuietOnce() {
            if (!loop.shuttingDown || loop.shut) {
                return true;
            }
            makeReady(true);
            for (int pass = 0; pass < 2 * STEPS; pass++) {
                loop.runTimers();
                runTasks();
                loop.cancelTimers(() -> {});
                if (!runTasks()) {
                    return true;
                }
                if (twin != Twin.CLOCK_STANDS_STILL) {
                    perform(Step.LATER);
                }
                for (int left = elsewhere.size(); left > 0; left--) {
                    perform(Step.ELSEWHERE);
                }
            }
            return false;
        }

        private boolean runTasks() {
            boolean any = false;
            while (isPossible(Step.TASK)) {
                perform(Step.TASK);
                any = true;
            }
            return any;
        }
    }
}
