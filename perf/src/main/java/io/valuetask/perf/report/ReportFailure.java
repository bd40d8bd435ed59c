package io.valuetask.perf.report;

/** Why there is no report, as a sentence. */
final class ReportFailure extends Exception {
    private static final long serialVersionUID = 1;

    ReportFailure(String message) {
        super(message);
    }

    ReportFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
