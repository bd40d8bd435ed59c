package io.valuetask.netty;

import io.valuetask.ValueTask;

/** To close a channel and to wait for it, as one value task. */
final class Closing {
    private Closing() {}

    static ValueTask<CloseReason> close(ValueTaskChannel<?, ?> channel) {
        channel.close();
        return channel.closed();
    }

    static ValueTask<Void> close(ValueTaskServerChannel<?, ?> channel) {
        channel.close();
        return channel.closed();
    }
}
