package io.valuetask.perf;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import java.util.Locale;

/**
 * What one row may allocate, in bytes per operation.
 *
 * @param bytes what is recorded
 * @param within how far from it a measurement may be, either way; {@link #EXACT} unless said
 */
@JsonInclude(Include.NON_NULL)
record Threshold(double bytes, Double within) {
    /** Less than one object in some hundred operations; the rest is the harness, more on a busy machine. */
    static final double EXACT = 0.05;

    enum Verdict {
        MET,
        WORSE,
        BETTER
    }

    Verdict judge(double measured) {
        if (measured > bytes + tolerance()) {
            return Verdict.WORSE;
        }
        return measured < bytes - tolerance() ? Verdict.BETTER : Verdict.MET;
    }

    /** The same row with another record. */
    Threshold recorded(double measured) {
        return judge(measured) == Verdict.MET ? this : new Threshold(Math.rint(measured), within);
    }

    private double tolerance() {
        return within == null ? EXACT : within;
    }

    @Override
    public String toString() {
        return within == null
                ? String.format(Locale.ROOT, "%.0f", bytes)
                : String.format(Locale.ROOT, "%.0f (±%.0f)", bytes, within);
    }
}
