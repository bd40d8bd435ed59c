package io.valuetask.samples;

/** A sample cannot do its work, for a reason that one sentence tells its user. */
public final class SampleException extends Exception {
    private static final long serialVersionUID = 1L;

    public SampleException(String sentence) {
        super(sentence);
    }

    public SampleException(String sentence, Throwable cause) {
        super(sentence + ": " + cause.getMessage(), cause);
    }
}
