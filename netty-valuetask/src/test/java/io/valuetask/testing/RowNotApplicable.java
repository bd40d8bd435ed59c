package io.valuetask.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Rows of {@code conformance.md} that mean nothing in Java or here; stands at the test class of their group. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(RowNotApplicable.List.class)
public @interface RowNotApplicable {
    /** Their numbers. */
    int[] value();

    /** Why, in a sentence. */
    String reason();

    /** For the compiler. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface List {
        /** One for each reason. */
        RowNotApplicable[] value();
    }
}
