package io.valuetask.perf;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

class PayloadTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 64, 67})
    void matchesHoweverItIsSplit(int length) {
        for (int split = 0; split <= length; split++) {
            ByteBuf message = message(3, 5, length);
            assertThat(Payload.matches(message, 3, 5, 0, split)).isTrue();
            assertThat(Payload.matches(message, 3, 5, split, length - split)).isTrue();
            assertThat(message.isReadable()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 64, 67})
    void differsInEachByteThatWasChanged(int length) {
        for (int changed = 0; changed < length; changed++) {
            ByteBuf message = message(3, 5, length);
            message.setByte(changed, message.getByte(changed) ^ 1);
            assertThat(Payload.matches(message, 3, 5, 0, length)).as("byte %d", changed).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8, 64, 67})
    void differsBetweenConnectionsAndBetweenMessages(int length) {
        assertThat(Payload.matches(message(4, 5, length), 3, 5, 0, length)).isFalse();
        assertThat(Payload.matches(message(3, 6, length), 3, 5, 0, length)).isFalse();
        assertThat(Payload.matches(message(5, 3, length), 3, 5, 0, length)).isFalse();
    }

    private static ByteBuf message(int connection, long sequence, int length) {
        ByteBuf message = Unpooled.buffer(length);
        Payload.write(message, connection, sequence, length);
        return message;
    }
}
