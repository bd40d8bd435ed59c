package io.valuetask.netty;

import java.time.Duration;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

class ValueTaskChannelOptionsTest {
    private final ValueTaskChannelOptions defaults = ValueTaskChannelOptions.DEFAULTS;

    @Test
    void change_ofOneOption_leavesTheOthersAndTheOriginal() {
        String before = defaults.toString();

        assertThat(defaults.inboundBounds(3, 5).readAhead(false).flushPolicy(FlushPolicy.NOW)
                .closeDeadline(Duration.ofMillis(7)).pooledWrites(0)
                .trustedHandlers(FlushCounter.class).halfClosure(false)).hasToString(
                        "ValueTaskChannelOptions[maxQueuedMessages=3, maxQueuedBytes=5, readAhead=false, "
                                + "flushPolicy=NOW, closeDeadline=PT0.007S, pooledWrites=0, "
                                + "trustedHandlers=[io.valuetask.netty.FlushCounter], halfClosure=false]");
        assertThat(defaults).hasToString(before).hasToString(
                "ValueTaskChannelOptions[maxQueuedMessages=64, maxQueuedBytes=65536, readAhead=true, "
                        + "flushPolicy=END_OF_TURN, closeDeadline=PT10S, pooledWrites=64, trustedHandlers=[], "
                        + "halfClosure=true]");
    }

    @Test
    void closeDeadline_ofMoreThanALongOfNanoseconds_isTheLongest() {
        assertThat(defaults.closeDeadline(Duration.ofDays(1_000_000)).closeDeadline().toNanos())
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void values_outOfRange_areRefusedWithTheirNumbers() {
        assertThatThrownBy(() -> defaults.inboundBounds(1, 2)).isInstanceOf(IllegalArgumentException.class)
                .hasMessage("messages: 1 (expected: >= 2)");
        assertThatThrownBy(() -> defaults.inboundBounds(2, 1)).hasMessage("bytes: 1 (expected: >= 2)");
        assertThatThrownBy(() -> defaults.pooledWrites(-1)).hasMessage("writes: -1 (expected: >= 0)");
        assertThatThrownBy(() -> defaults.closeDeadline(Duration.ofNanos(-1)))
                .hasMessage("deadline: PT-0.000000001S (expected: >= 0)");
        assertThatThrownBy(() -> defaults.flushPolicy(null)).isInstanceOf(NullPointerException.class);
    }
}
