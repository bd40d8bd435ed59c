package io.valuetask.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The rows of {@code conformance.md}, tests of .NET, that a test method is the counterpart of. The method's name starts
 * with one of them: {@code row13_onCompleted_usedTwiceBeforeCompletion_throws}. {@code ConformanceIndexTest} finds the
 * methods and demands that no row is without one.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Row {
    /** Their numbers. */
    int[] value();
}
