package io.valuetask;

import java.io.IOException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A token names one operation for ever. */
interface TokenContract extends SourceHolder {
    @Test
    default void everything_withAWrongToken_isRefusedAndTheOperationGoesOn() throws IOException {
        source().spend();
        long token = source().arm();

        for (long wrong : new long[]{token - 1, token + 1, 0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
            assertTokenIsRefused(wrong);
        }

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);
        assertThat(source().onCompleted(state -> {}, "state", token)).isTrue();
        source().complete(token, 42);
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void everything_beforeTheFirstOperation_isRefused() {
        for (long token : new long[]{0, 1, -1}) {
            assertTokenIsRefused(token);
        }
        assertThat(source().tryArm()).isEqualTo(1);
    }

    /** .NET's 16-bit version wraps after 65,536 operations and then gives away another one's result. */
    @Test
    default void staleToken_after70000Operations_isStillRefused() throws IOException {
        long stale = source().spend();
        for (int i = 0; i < 70_000; i++) {
            long spent = source().spend();
            assertThat(spent).isNotEqualTo(stale);
        }
        long token = source().arm();
        source().complete(token, 777);

        for (long old : new long[]{stale, token - 65_536, token - 32_768, token - 256}) {
            assertTokenIsRefused(old);
        }
        assertThat(source().getResult(token)).isEqualTo(777);
    }

    @Test
    default void staleToken_beyond32Bits_isStillRefused() throws IOException {
        source().core().startAtGeneration((1L << 32) + 4);
        long token = source().arm();
        source().complete(token, 777);

        assertTokenIsRefused(5);
        assertTokenIsRefused((int) token);
        assertThat(source().getResult(token)).isEqualTo(777);
    }

    @Test
    default void staleProducer_whenTheSourceWasArmedAgain_cannotTouchTheNextOperation() throws IOException {
        long stale = source().arm();
        assertThat(source().cancel(stale)).isTrue();
        assertThatThrownBy(() -> source().getResult(stale));
        long token = source().arm();

        assertThat(source().tryComplete(stale, 1)).isFalse();
        assertThat(source().tryCompleteExceptionally(stale, new IOException("late"))).isFalse();
        assertThat(source().cancel(stale)).isFalse();
        assertThatThrownBy(() -> source().complete(stale, 1)).isInstanceOf(ValueTaskMisuseException.class);

        assertThat(source().getStatus(token)).isEqualTo(ValueTaskSourceStatus.PENDING);
        assertThat(source().tryComplete(token, 42)).as("the right producer").isTrue();
        assertThat(source().getResult(token)).isEqualTo(42);
    }

    @Test
    default void arm_whenEveryTokenIsUsed_isRefusedForEver() throws IOException {
        source().core().startAtGeneration(StateWord.MAX_GENERATION - 1);
        long last = source().arm();
        assertThat(last).isEqualTo((1L << 56) - 1);
        source().complete(last, 42);
        assertThat(source().getResult(last)).isEqualTo(42);

        for (int i = 0; i < 2; i++) {
            assertThat(source().tryArm()).isNegative();
            assertThat(source().tryBegin()).isNegative();
            assertThatThrownBy(() -> source().arm()).isInstanceOf(ValueTaskMisuseException.class)
                    .hasMessageContaining("used up all its tokens");
        }
        assertTokenIsRefused(last + 1);
    }

    private void assertTokenIsRefused(long token) {
        long before = source().core().wordAcquire();
        assertThatThrownBy(() -> source().getStatus(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().onCompleted(state -> {}, "state", token))
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().complete(token, 1)).isInstanceOf(ValueTaskMisuseException.class);
        assertThatThrownBy(() -> source().completeExceptionally(token, new IOException()))
                .isInstanceOf(ValueTaskMisuseException.class);
        assertThat(source().tryComplete(token, 1)).isFalse();
        assertThat(source().tryCompleteExceptionally(token, new IOException())).isFalse();
        assertThat(source().cancel(token)).isFalse();
        assertThat(source().core().wordAcquire()).isEqualTo(before);
    }
}
