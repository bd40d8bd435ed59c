package io.valuetask.perf.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Whether an answer is the one that was expected: its status, its length, every byte of it where that is known. */
final class HttpCheck {
    private final int expectedStatus;
    private final long expectedLength;
    private final byte[] expectedBody;
    private boolean good;
    private long length;

    HttpCheck(LoadOptions options) {
        expectedStatus = options.expectedStatus;
        expectedBody = options.expectedBody == null
                ? null
                : options.expectedBody.getBytes(StandardCharsets.UTF_8);
        expectedLength = expectedBody == null ? options.expectedLength : expectedBody.length;
    }

    void begin(int status) {
        good = expectedStatus == 0 ? status >= 200 && status < 300 : status == expectedStatus;
        length = 0;
    }

    void content(ByteBuf bytes) {
        int count = bytes.readableBytes();
        for (int i = 0; expectedBody != null && good && i < count; i++) {
            good = length + i < expectedBody.length
                    && bytes.getByte(bytes.readerIndex() + i) == expectedBody[(int) length + i];
        }
        length += count;
    }

    /** Whether the answer, which is complete, was good. */
    boolean end() {
        return good && (expectedLength < 0 || length == expectedLength);
    }
}
