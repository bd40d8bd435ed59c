package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.BackgroundCall.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Sources that take over what others request. */
class CancellationTokenSourceLinkTest {
    private final CancellationTokenSource left = new CancellationTokenSource();
    private final CancellationTokenSource right = new CancellationTokenSource();

    @Test
    void linked_whenOneParentIsCancelled_isCancelledAndLeavesTheOther() {
        CancellationTokenSource child = CancellationTokenSource.linked(left.token(), right.token());
        assertThat(child.isCancellationRequested()).isFalse();
        assertThat(right.registrations()).isEqualTo(1);

        left.cancel();

        assertThat(child.isCancellationRequested()).isTrue();
        assertThat(right.isCancellationRequested()).isFalse();
        assertThat(right.registrations()).isZero();
    }

    @Test
    void linked_whenItIsCancelledItself_leavesItsParents() {
        CancellationTokenSource child = CancellationTokenSource.linked(left.token(), right.token());

        assertThat(child.cancel()).isTrue();

        assertThat(left.isCancellationRequested()).isFalse();
        assertThat(left.registrations()).isZero();
        assertThat(right.registrations()).isZero();
    }

    @Test
    void linked_toOneThatWasCancelledBefore_isCancelledAndLinkedToNone() {
        right.cancel();

        for (CancellationTokenSource child : new CancellationTokenSource[]{
            CancellationTokenSource.linked(left.token(), right.token()),
            CancellationTokenSource.linked(right.token(), left.token())}) {
            assertThat(child.isCancellationRequested()).isTrue();
            assertThat(child.cancel()).isFalse();
        }
        assertThat(left.registrations()).isZero();
    }

    @Test
    void linked_toNone_isAnOrdinarySource() {
        for (CancellationTokenSource child : new CancellationTokenSource[]{CancellationTokenSource.linked(),
            CancellationTokenSource.linked(CancellationToken.NONE, CancellationToken.NONE)}) {
            assertThat(child.isCancellationRequested()).isFalse();
            assertThat(child.cancel()).isTrue();
            child.close();
        }
    }

    @Test
    void linked_withAMissingParent_isRefusedAndLinkedToNone() {
        assertThatThrownBy(() -> CancellationTokenSource.linked(left.token(), null))
                .isInstanceOf(NullPointerException.class).hasMessage("parents[1]");

        assertThat(left.registrations()).isZero();
    }

    @Test
    void linked_twiceToTheSameParent_isToldOnce() {
        CancellationTokenSource child = CancellationTokenSource.linked(left.token(), left.token());
        int[] told = new int[1];
        child.token().register(counter -> counter[0]++, told);

        left.cancel();

        assertThat(told).containsExactly(1);
        assertThat(left.registrations()).isZero();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void linked_whenTheFirstParentIsCancelledBeforeTheSecondIsLinked_isLinkedToNone(Kind kind)
            throws Throwable {
        BackgroundCall<CancellationTokenSource> linking;
        right.lock.lock();
        try {
            linking = BackgroundCall
                    .start(kind, () -> CancellationTokenSource.linked(left.token(), right.token()))
                    .awaitParked();
            left.cancel();
        } finally {
            right.lock.unlock();
        }

        assertThat(linking.result().isCancellationRequested()).isTrue();
        assertThat(right.registrations()).isZero();
    }

    @Test
    void close_ofALinkedSource_unlinksItAndItIsNotCancelledAnyMore() {
        CancellationTokenSource child = CancellationTokenSource.linked(left.token(), right.token());

        child.close();

        assertThat(left.registrations()).isZero();
        assertThat(right.registrations()).isZero();
        left.cancel();
        assertThat(child.isCancellationRequested()).isFalse();
    }

    @Test
    void close_ofAParent_leavesTheChildToItsOtherParents() {
        CancellationTokenSource child = CancellationTokenSource.linked(left.token(), right.token());

        left.close();
        right.cancel();

        assertThat(child.isCancellationRequested()).isTrue();
    }

    @Test
    void chainOfThree_whenTheRootIsCancelled_cancelsAllDownToTheOperation() {
        CancellationTokenSource middle = CancellationTokenSource.linked(left.token());
        CancellationTokenSource leaf = CancellationTokenSource.linked(right.token(), middle.token());
        ManualResetValueTaskSource<String> operation = new ManualResetValueTaskSource<>();
        long token = operation.arm(leaf.token());

        assertThat(left.cancel()).isTrue();

        assertThat(middle.isCancellationRequested()).isTrue();
        assertThat(leaf.isCancellationRequested()).isTrue();
        assertThat(operation.getStatus(token)).isEqualTo(ValueTaskSourceStatus.CANCELED);
        assertThat(right.registrations()).isZero();
    }

    @Test
    void chainOfThree_whenTheMiddleIsClosed_isBrokenThere() {
        CancellationTokenSource middle = CancellationTokenSource.linked(left.token());
        CancellationTokenSource leaf = CancellationTokenSource.linked(middle.token());

        middle.close();
        left.cancel();

        assertThat(leaf.isCancellationRequested()).isFalse();
        assertThat(leaf.cancel()).as("it is still good by itself").isTrue();
    }

    @Test
    void chainOfThree_whenClosedFromTheLeaf_leavesNothingBehind() {
        CancellationTokenSource middle = CancellationTokenSource.linked(left.token());
        CancellationTokenSource leaf = CancellationTokenSource.linked(middle.token());

        leaf.close();
        middle.close();

        assertThat(middle.registrations()).isZero();
        assertThat(left.registrations()).isZero();
    }

    @Test
    @Timeout(120)
    void linked_againstTheRequestOfAParent_isCancelledAndLeavesNoLink() throws Exception {
        CancellationTokenSource[] parents = new CancellationTokenSource[1];
        CancellationTokenSource[] child = new CancellationTokenSource[1];
        Map<String, Integer> outcomes = Race.run(() -> parents[0] = new CancellationTokenSource(),
                () -> parents[0].cancel(), () -> {
                    child[0] = CancellationTokenSource.linked(parents[0].token(), left.token());
                    return "linked";
                }, () -> child[0].isCancellationRequested() + " " + left.registrations());

        assertThat(outcomes.keySet()).as("outcomes: %s", outcomes).isSubsetOf("true linked true 0");
    }

    @Test
    void cancel_ofTheFirstOfAHundredThousandLinkedInARow_reachesTheLast() throws Exception {
        List<CancellationTokenSource> row = new ArrayList<>(List.of(left));
        for (int i = 1; i < 100_000; i++) {
            row.add(CancellationTokenSource.linked(row.get(i - 1).token()));
        }

        assertThat(TrampolineTest.onSmallStack(left::cancel)).isTrue();

        assertThat(row).allMatch(CancellationTokenSource::isCancellationRequested);
    }

    @Test
    void cancel_byACallbackOfTheOneBefore_inARowOfAHundredThousand_reachesTheLastInOrder() throws Exception {
        List<CancellationTokenSource> row = new ArrayList<>();
        List<Integer> told = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            CancellationTokenSource source = new CancellationTokenSource();
            int index = i;
            source.token().register(all -> {
                told.add(index);
                if (index + 1 < row.size()) {
                    row.get(index + 1).cancel();
                }
            }, row);
            row.add(source);
        }

        assertThat(TrampolineTest.onSmallStack(() -> row.get(0).cancel())).isTrue();

        assertThat(told).hasSize(row.size()).isSorted();
    }
}
