package io.valuetask;

/**
 * Where an operation stands. Counterpart of .NET's enumeration of the same name.
 *
 * <p><b>Threading.</b> A status other than {@link #PENDING} is final until the result is taken. <b>Ownership.</b> None.
 * <b>Allocation.</b> None.
 */
public enum ValueTaskSourceStatus {
    /** The operation has no outcome yet. */
    PENDING,
    /** The operation completed with a result. */
    SUCCEEDED,
    /** The operation completed with a failure. */
    FAULTED,
    /** The operation was cancelled: its failure is a {@link java.util.concurrent.CancellationException}. */
    CANCELED
}
