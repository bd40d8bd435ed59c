package io.valuetask.stream;

import java.io.InterruptedIOException;

/** An interruption as streams of {@code java.io} tell it: a kind of {@link java.io.IOException}. */
final class Interruptions {
    private Interruptions() {}

    /** The caller has an exception to throw, and its thread is interrupted again. */
    static InterruptedIOException restored(InterruptedException interruption, String what) {
        Thread.currentThread().interrupt();
        InterruptedIOException failure = new InterruptedIOException(what);
        failure.initCause(interruption);
        return failure;
    }
}
