package io.valuetask.perf.load;

/** Why there is no result; the message is one sentence for the one who asked for it. */
final class LoadFailure extends Exception {
    private static final long serialVersionUID = 1;

    LoadFailure(String message) {
        super(message);
    }

    LoadFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
