package io.valuetask.samples;

/** A sample cannot do its work, for a reason that one sentence tells its user. */
final class SampleException extends Exception {
    private static final long serialVersionUID = 1L;

    SampleException(String sentence) {
        super(sentence);
    }

    SampleException(String sentence, Throwable cause) {
        super(sentence + ": " + cause.getMessage(), cause);
    }
}
