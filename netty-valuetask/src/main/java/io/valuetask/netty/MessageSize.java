package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.util.IllegalReferenceCountException;

/** How much memory a message holds, as far as its type tells. */
final class MessageSize {
    private MessageSize() {}

    /** Readable bytes; zero for what is not a buffer, which the bound on the number of messages covers. */
    static int of(Object message) {
        try {
            if (message instanceof ByteBuf buffer) {
                return buffer.readableBytes();
            } else if (message instanceof ByteBufHolder holder) {
                return holder.content().readableBytes();
            }
            return 0;
        } catch (IllegalReferenceCountException released) {
            return 0; // by the sweeper, while the reader looks at it; the reader is not going to get it
        }
    }
}
