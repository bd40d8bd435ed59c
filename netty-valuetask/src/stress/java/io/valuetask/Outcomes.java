package io.valuetask;

import java.io.IOException;
import java.util.concurrent.CancellationException;

/** How the tests name what they observe. */
final class Outcomes {
    static final String MISUSE = "misuse";
    static final String CANCELED = "canceled";

    private Outcomes() {}

    /** The result, or what kept the caller from it. */
    static Object take(ValueTaskSource<?> source, long token) {
        return take(ValueTask.fromSource(source, token));
    }

    /** The result, or what kept the caller from it. */
    static Object take(ValueTask<?> task) {
        try {
            return task.result();
        } catch (ValueTaskMisuseException refused) {
            return MISUSE;
        } catch (CancellationException canceled) {
            return CANCELED;
        } catch (IOException failed) {
            return failed;
        }
    }
}
