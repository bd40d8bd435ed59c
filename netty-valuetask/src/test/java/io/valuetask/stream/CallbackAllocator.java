package io.valuetask.stream;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** Runs something before it allocates: what may happen meanwhile, or that there is no memory. */
final class CallbackAllocator extends AbstractByteBufAllocator {
    private final Runnable callback;

    CallbackAllocator(Runnable callback) {
        this.callback = callback;
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        callback.run();
        return toLeakAwareBuffer(Unpooled.buffer(initialCapacity, maxCapacity));
    }

    @Override
    protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
        return newHeapBuffer(initialCapacity, maxCapacity);
    }

    @Override
    public boolean isDirectBufferPooled() {
        return false;
    }
}
