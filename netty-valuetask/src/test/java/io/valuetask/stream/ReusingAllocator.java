package io.valuetask.stream;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledHeapByteBuf;

/** Uses the memory of the last buffer that was released for the next one; for tests that count bytes. */
final class ReusingAllocator extends AbstractByteBufAllocator {
    private byte[] released = new byte[0];

    private final class Buffer extends UnpooledHeapByteBuf {
        Buffer(int initialCapacity, int maxCapacity) {
            super(ReusingAllocator.this, initialCapacity, maxCapacity);
        }

        @Override
        protected byte[] allocateArray(int initialCapacity) {
            byte[] array = released;
            if (array.length != initialCapacity) {
                return super.allocateArray(initialCapacity);
            }
            released = new byte[0];
            return array;
        }

        @Override
        protected void freeArray(byte[] array) {
            released = array;
        }
    }

    @Override
    protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
        return new Buffer(initialCapacity, maxCapacity);
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
