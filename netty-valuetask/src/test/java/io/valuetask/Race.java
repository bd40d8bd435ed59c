package io.valuetask;

import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;

/**
 * Lets two threads do one thing each at the same time, many times over, and counts what came out.
 *
 * <p>The threads meet before and after each round by spinning on each other's counter: waking a parked thread takes
 * longer than the window a race is about. Where the other one has no core to spin on, they yield.
 */
final class Race {
    static final int ROUNDS = 100_000;

    private static final Duration LIMIT = Duration.ofSeconds(100);
    private static final int SPINS_BEFORE_YIELD = 50;

    private final Callable<?> right;
    private final long deadline = System.nanoTime() + LIMIT.toNanos();

    // Each is written by its own side only. What a side wrote before it counted, the other sees after it looked.
    private volatile int leftTurns;
    private volatile int rightTurns;
    private volatile Throwable failure;
    private Object rightOutcome;

    private Race(Callable<?> right) {
        this.right = right;
    }

    /**
     * Runs the race.
     *
     * @param prepare makes the state of a round, alone
     * @param left runs against {@code right}; a {@link ValueTaskMisuseException} is the outcome "misuse"
     * @param right runs against {@code left}
     * @param arbiter describes what is left after the round, alone
     * @return how often each outcome came: left, right and arbiter, with blanks between
     */
    static Map<String, Integer> run(Callable<?> prepare, Callable<?> left, Callable<?> right,
            Callable<?> arbiter) throws Exception {
        Race race = new Race(right);
        Thread opponent = Thread.ofPlatform().name("race-right").daemon().start(race::runRight);
        Map<String, Integer> outcomes = new TreeMap<>();
        try {
            for (int round = 0; round < ROUNDS; round++) {
                prepare.call();
                race.meetAsLeft();
                // Whoever sees the other arrive is late by a cache miss; a varying delay moves the overlap about.
                spin(round & 31);
                Object leftOutcome = outcomeOf(left);
                race.meetAsLeft();
                outcomes.merge(leftOutcome + " " + race.rightOutcome + " " + arbiter.call(), 1, Integer::sum);
            }
        } catch (Throwable thrown) {
            race.failure = thrown;
            throw thrown;
        } finally {
            opponent.join(LIMIT);
        }
        return outcomes;
    }

    private void runRight() {
        try {
            for (int round = 0; round < ROUNDS; round++) {
                meetAsRight();
                spin(round >> 5 & 31);
                rightOutcome = outcomeOf(right);
                meetAsRight();
            }
        } catch (Throwable thrown) {
            if (failure == null) {
                failure = thrown;
            }
        }
    }

    private static Object outcomeOf(Callable<?> side) throws Exception {
        try {
            return side.call();
        } catch (ValueTaskMisuseException misuse) {
            return "misuse";
        }
    }

    private void meetAsLeft() {
        int turn = leftTurns + 1;
        leftTurns = turn;
        for (int spins = 0; rightTurns < turn; spins++) {
            pause(spins);
        }
    }

    private void meetAsRight() {
        int turn = rightTurns + 1;
        rightTurns = turn;
        for (int spins = 0; leftTurns < turn; spins++) {
            pause(spins);
        }
    }

    private void pause(int spins) {
        if (spins < SPINS_BEFORE_YIELD) {
            Thread.onSpinWait();
            return;
        }
        if (failure != null) {
            throw new AssertionError("the other side failed", failure);
        }
        if (System.nanoTime() > deadline) {
            throw new AssertionError(
                    "the other side has not come: left=" + leftTurns + ", right=" + rightTurns);
        }
        Thread.yield();
    }

    private static void spin(int times) {
        for (int i = 0; i < times; i++) {
            Thread.onSpinWait();
        }
    }
}
