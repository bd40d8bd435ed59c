package io.valuetask;

import java.io.IOException;

/**
 * A {@link ValueTaskSource} whose results are {@code int}s, such as numbers of bytes: what stands behind an
 * {@link IntValueTask}. Between the two a result is never boxed.
 *
 * <p>Counterpart of .NET's {@code IValueTaskSource<int>}. It relates to {@link ValueTaskSource} as
 * {@link java.util.PrimitiveIterator.OfInt} does to {@link java.util.Iterator}: whoever does not mind the box may treat
 * it as a source of {@link Integer}s.
 *
 * <p><b>Threading.</b> As {@link ValueTaskSource}. <b>Ownership.</b> A number has no owner. <b>Allocation.</b> None;
 * {@link #getResult} may box.
 */
public interface IntValueTaskSource extends ValueTaskSource<Integer> {
    /**
     * Takes the outcome and ends the operation, as {@link #getResult}, but without a box. Never blocks.
     *
     * @param token the operation, as handed out with the value task
     * @return the result
     * @throws ValueTaskMisuseException if the operation is still pending, the token is not the current one, or
     *         its result was taken
     * @throws IOException the failure of the operation, unchanged, where it is one; any other failure is thrown
     *         unchanged too, checked or not
     */
    int getResultAsInt(long token) throws IOException;

    @Override
    default Integer getResult(long token) throws IOException {
        return getResultAsInt(token);
    }
}
