package io.valuetask;

import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Pairs of calls on two real threads. Which of the permitted outcomes comes how often depends on the machine; that no
 * other comes does not.
 */
@Timeout(120) // two spinning threads on a machine that has other things to do
class SourceRaceTest {
    private final ManualResetValueTaskSource<Integer> source = new ManualResetValueTaskSource<>();
    private long token;
    private long stale;
    private int resumptions;
    private String resumedWith;

    @Test
    void complete_againstComplete_hasOneWinnerWhoseResultIsTakenAndResumesOnce() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::armWithWaiter, () -> source.tryComplete(token, 1),
                () -> source.tryComplete(token, 2), () -> take() + " resumed=" + resumptions);

        assertOutcomes(outcomes, "true false 1 resumed=1", "false true 2 resumed=1");
    }

    @Test
    void complete_againstFailure_neverMixesTheOutcomes() throws Exception {
        CancellationException failure = new CancellationException();
        Map<String, Integer> outcomes = Race.run(this::armWithWaiter, () -> source.tryComplete(token, 1),
                () -> source.tryCompleteExceptionally(token, failure),
                () -> status() + " " + take() + " resumed=" + resumptions);

        assertOutcomes(outcomes, "true false SUCCEEDED 1 resumed=1",
                "false true CANCELED canceled resumed=1");
    }

    @Test
    void cancel_againstComplete_hasOneWinner() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::armWithWaiter, () -> source.cancel(token),
                () -> source.tryComplete(token, 2), () -> take() + " resumed=" + resumptions);

        assertOutcomes(outcomes, "true false canceled resumed=1", "false true 2 resumed=1");
    }

    @Test
    void getResult_againstGetResult_hasOneWinner() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            token = source.arm();
            source.complete(token, 42);
            return null;
        }, this::take, this::take, this::phase);

        assertOutcomes(outcomes, "42 misuse IDLE", "misuse 42 IDLE");
    }

    @Test
    void getResult_againstComplete_getsTheResultOrIsTooEarly() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> token = source.arm(), this::take,
                () -> source.tryComplete(token, 42), () -> phase() + finish());

        assertOutcomes(outcomes, "42 true IDLE", "misuse true SUCCEEDED then 42");
    }

    @Test
    void onCompleted_againstOnCompleted_hasOneWinnerWhoKeepsItsState() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::arm, () -> register("left"), () -> register("right"),
                () -> {
                    source.complete(token, 42);
                    return "resumed=" + resumptions + " with=" + resumedWith + " " + take();
                });

        assertOutcomes(outcomes, "true misuse resumed=1 with=left 42", "misuse true resumed=1 with=right 42");
    }

    @Test
    void onCompleted_againstOnCompletedAfterTheOutcome_tellsOneOfThem() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            arm();
            source.complete(token, 42);
            return null;
        }, () -> register("left"), () -> register("right"), () -> "resumed=" + resumptions + " " + take());

        assertOutcomes(outcomes, "false misuse resumed=0 42", "misuse false resumed=0 42");
    }

    @Test
    void onCompleted_againstComplete_isEitherResumedOrToldThatItIsComplete() throws Exception {
        Map<String, Integer> outcomes = Race.run(this::arm, () -> register("left"),
                () -> source.tryComplete(token, 42),
                () -> "resumed=" + resumptions + " with=" + resumedWith + " " + take());

        assertOutcomes(outcomes, "true true resumed=1 with=left 42", "false true resumed=0 with=null 42");
    }

    @Test
    void arm_againstArm_hasOneWinner() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> null, () -> source.tryArm() > 0,
                () -> source.tryArm() > 0, () -> {
                    token = StateWord.generation(source.wordAcquire());
                    source.complete(token, 42);
                    return take();
                });

        assertOutcomes(outcomes, "true false 42", "false true 42");
        assertThat(token).isEqualTo(Race.ROUNDS);
    }

    @Test
    void staleProducer_againstRearm_neverTouchesTheNextOperation() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            stale = source.arm();
            source.cancel(stale);
            return null;
        }, () -> source.tryComplete(stale, 666), () -> {
            Object former = takeOf(stale);
            token = source.arm();
            return former;
        }, () -> status() + finishNext());

        assertOutcomes(outcomes, "false canceled PENDING then 42");
    }

    @Test
    void staleConsumer_againstRearm_neverTakesTheNextResult() throws Exception {
        Map<String, Integer> outcomes = Race.run(() -> {
            stale = source.arm();
            source.complete(stale, 1);
            return null;
        }, () -> takeOf(stale), () -> {
            Object former;
            try {
                former = takeOf(stale);
            } catch (ValueTaskMisuseException taken) {
                former = "misuse";
            }
            long next = source.tryArm();
            if (next > 0) {
                source.complete(next, 2);
            }
            return former + (next > 0 ? " rearmed" : " busy");
        }, () -> {
            if (phase().equals("SUCCEEDED")) {
                return " then " + takeOf(StateWord.generation(source.wordAcquire()));
            }
            return phase();
        });

        // The left one may be between winning and freeing the source when the right one tries to arm it.
        assertOutcomes(outcomes, "misuse 1 rearmed  then 2", "1 misuse rearmed  then 2",
                "1 misuse busy IDLE");
    }

    private static void assertOutcomes(Map<String, Integer> outcomes, String... permitted) {
        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf(permitted);
        assertThat(outcomes.values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(Race.ROUNDS);
    }

    private Object arm() {
        resumptions = 0;
        resumedWith = null;
        return token = source.arm();
    }

    private Object armWithWaiter() {
        arm();
        return register("waiter");
    }

    private Object register(String state) {
        return source.onCompleted(resumed -> {
            resumptions++;
            resumedWith = resumed;
        }, state, token, ValueTaskSourceOnCompletedFlags.NONE);
    }

    private Object take() throws Exception {
        return takeOf(token);
    }

    private Object takeOf(long taken) throws Exception {
        try {
            return source.getResult(taken);
        } catch (CancellationException canceled) {
            return "canceled";
        }
    }

    private Object status() {
        return source.getStatus(token);
    }

    private String phase() {
        return StateWord.phaseName(StateWord.phase(source.wordAcquire()));
    }

    /** Takes what the racers left. */
    private String finish() throws Exception {
        return phase().equals("IDLE") ? "" : " then " + take();
    }

    private String finishNext() throws Exception {
        source.complete(token, 42);
        return " then " + take();
    }
}
