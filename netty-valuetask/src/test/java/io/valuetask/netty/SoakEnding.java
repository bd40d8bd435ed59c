package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelOption;
import java.io.IOException;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.concurrent.RejectedExecutionException;

/** What may happen to a session at any moment, from outside. The first few end an operation, the others the channel. */
enum SoakEnding {
    TOKEN,
    CANCEL_PENDING_READ,
    INTERRUPT,
    SHUTDOWN_OUTPUT,
    CLOSE,
    CLOSE_OF_THE_PIPELINE,
    RESET,
    HANDLER_REMOVAL,
    EXCEPTION;

    private static final SoakEnding[] ALL = values();

    /** One of the gentle ones mostly, or no connection would live for long. */
    static SoakEnding random(Random dice) {
        return ALL[dice.nextInt(dice.nextInt(4) == 0 ? ALL.length : SHUTDOWN_OUTPUT.ordinal())];
    }

    void happenTo(SoakSession session) {
        ValueTaskChannel<?, ?> channel = session.channel();
        Channel netty = channel.channel();
        try {
            switch (this) {
                case TOKEN -> session.cancel();
                case CANCEL_PENDING_READ -> channel.cancelPendingRead();
                case INTERRUPT -> session.interrupt();
                case SHUTDOWN_OUTPUT -> channel.shutdownOutput().discard();
                case CLOSE -> channel.close();
                case CLOSE_OF_THE_PIPELINE -> netty.close();
                case RESET -> {
                    netty.config().setOption(ChannelOption.SO_LINGER, 0);
                    netty.close();
                }
                case HANDLER_REMOVAL -> netty.pipeline().remove(ValueTaskHandler.class);
                case EXCEPTION -> netty.pipeline().fireExceptionCaught(new PlantedException());
            }
        } catch (NoSuchElementException | RejectedExecutionException gone) {
            // The handler was removed before, or its loop has ended.
        } catch (ChannelException closed) {
            // Its options cannot be set any more.
        }
    }

    /** An everyday failure, which nobody logs. */
    @SuppressWarnings("serial")
    static final class PlantedException extends IOException {
        PlantedException() {
            super("planted");
        }
    }
}
