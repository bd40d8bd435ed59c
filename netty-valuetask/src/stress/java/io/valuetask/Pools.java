package io.valuetask;

import java.io.IOException;

/** What the tests of the pool do with a source. */
final class Pools {
    private Pools() {}

    /** One operation, from arming to taking; then the source is where it came from. */
    static void useOnce(ManualResetValueTaskSource<String> source) {
        source.arm();
        finish(source);
    }

    /** The rest of an operation that is pending, so that its source is not reported as lost. */
    static void finish(ManualResetValueTaskSource<String> source) {
        long token = source.pendingToken();
        source.complete(token, "value");
        try {
            source.getResult(token);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
