package io.valuetask.netty;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/** Why no message will follow, and what a read answers then. */
enum InboundEnd {
    /** The peer has finished: the end of the stream. */
    END_OF_STREAM {
        @Override
        <I> @Nullable I outcome() {
            return null;
        }
    },
    /** This side has closed the channel. Not an end of stream: what the peer still had to say is unknown. */
    CLOSED_HERE {
        @Override
        <I> I outcome() throws IOException {
            throw new ClosedChannelException();
        }
    },
    /** The handler left the pipeline, which goes on without it. */
    HANDLER_REMOVED {
        @Override
        <I> I outcome() throws IOException {
            throw removed();
        }
    },
    /** Other handlers have taken over, and what was not read. */
    HANDED_OVER {
        @Override
        <I> I outcome() throws IOException {
            throw handedOver();
        }
    };

    static IOException removed() {
        return new IOException("the ValueTaskHandler was removed from the pipeline: this channel cannot be "
                + "used through it any more");
    }

    static IOException handedOver() {
        return new IOException("this channel was handed over to another protocol: use the one that upgrade() "
                + "answered");
    }

    /** Returns null or throws. */
    abstract <I> @Nullable I outcome() throws IOException;
}
