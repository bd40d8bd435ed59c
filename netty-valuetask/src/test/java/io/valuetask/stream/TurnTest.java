package io.valuetask.stream;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.util.concurrent.atomic.AtomicLongArray;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Every state and every event of the turn, and what two threads make of it. */
class TurnTest {
    private final Turn turn = new Turn();
    private boolean inside; // plain: only in the turn

    private Turn held() {
        assertThat(turn.enter()).isTrue();
        return turn;
    }

    private Turn granted() {
        assertThat(held().grant()).isTrue();
        return turn;
    }

    @Test
    void enter_whenFree_hasTheTurnUntilItLeaves() {
        assertThat(turn.enter()).isTrue();
        assertThat(turn.leave()).isTrue();
        assertThat(turn.enterToClose()).isTrue();
        assertThat(turn.leave()).isTrue();
        assertThat(turn.enter()).isTrue();
    }

    @Test
    void enter_whenHeld_goesAndLetsTheHolderLookAgainOnce() {
        held();

        assertThat(turn.enter()).isFalse();
        assertThat(turn.enter()).as("called before").isFalse();
        assertThat(turn.enterToClose()).as("as any other").isFalse();

        assertThat(turn.leave()).as("somebody came").isFalse();
        assertThat(turn.leave()).isTrue();
    }

    @Test
    void enter_betweenTwoLooks_letsTheHolderLookOnceMore() {
        held();
        assertThat(turn.enter()).isFalse();
        assertThat(turn.leave()).isFalse();

        assertThat(turn.enter()).isFalse();

        assertThat(turn.leave()).isFalse();
        assertThat(turn.leave()).isTrue();
    }

    @Test
    void grant_whenHeld_passesTheTurnOn() {
        assertThat(held().grant()).isTrue();

        assertThat(turn.enter()).as("nobody is inside, and nobody is let in").isFalse();
        assertThat(turn.redeem()).isTrue();
        assertThat(turn.leave()).as("whoever came found a granted turn, and left no word").isTrue();
    }

    @Test
    void grant_whenSomebodyCame_isRefusedAndTheHolderLooksAgain() {
        held();
        assertThat(turn.enterToClose()).isFalse();

        assertThat(turn.grant()).isFalse();

        assertThat(turn.leave()).as("looks again").isFalse();
        assertThat(turn.grant()).isTrue();
    }

    @Test
    void enterToClose_whenGranted_takesTheTurnFromTheConsumer() {
        granted();

        assertThat(turn.enterToClose()).isTrue();

        assertThat(turn.redeem()).as("the closer is inside").isFalse();
        assertThat(turn.leave()).isTrue();
        assertThat(turn.redeem()).as("the closer has left").isFalse();
        assertThat(turn.enter()).isTrue();
    }

    @Test
    void redeem_twice_isRefused() {
        assertThat(granted().redeem()).isTrue();
        assertThat(turn.redeem()).isFalse();
    }

    /** Each party announces something and enters; whoever looks takes what both have announced. Nothing is left. */
    @Test
    void enter_byTwoAtOnce_isOneAtATimeAndOverlooksNothing() throws Throwable {
        int rounds = 300_000;
        AtomicLongArray announced = new AtomicLongArray(2);
        long[] looked = new long[2]; // plain: only in the turn

        var left = BackgroundCall.start(Kind.PLATFORM, () -> announce(0, rounds, announced, looked));
        var right = BackgroundCall.start(Kind.PLATFORM, () -> announce(1, rounds, announced, looked));
        assertThat(left.result()).isNull();
        assertThat(right.result()).isNull();

        assertThat(turn.enter()).as("free at the end").isTrue();
        assertThat(looked).as("the last look saw the last announcements").containsExactly(rounds, rounds);
    }

    private Void announce(int party, int rounds, AtomicLongArray announced, long[] looked) {
        for (int round = 1; round <= rounds; round++) {
            announced.set(party, round);
            if (turn.enter()) {
                do {
                    assertThat(inside).as("two in the turn").isFalse();
                    inside = true;
                    looked[0] = announced.get(0);
                    looked[1] = announced.get(1);
                    inside = false;
                } while (!turn.leave());
            }
        }
        return null;
    }
}
