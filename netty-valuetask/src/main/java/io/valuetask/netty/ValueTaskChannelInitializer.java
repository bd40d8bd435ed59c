package io.valuetask.netty;

/** x. */
public final class ValueTaskChannelInitializer {
    private ValueTaskChannelInitializer() {}
}
