package io.valuetask.perf;

/** Why a measurement cannot be made or must not be believed; the message is for the one who ran it. */
final class EchoFailure extends Exception {
    private static final long serialVersionUID = 1;

    EchoFailure(String message) {
        super(message);
    }

    EchoFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
