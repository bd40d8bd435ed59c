package io.valuetask.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A misuse of {@code conformance.md} that nobody here could detect; stands at a test class. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
@Repeatable(MisuseNotDetected.List.class)
public @interface MisuseNotDetected {
    /** Its name, such as "M5". */
    String value();

    /** Why not, and who can, in a sentence or two. */
    String reason();

    /** For the compiler. */
    @Retention(RetentionPolicy.RUNTIME)
    @Target(ElementType.TYPE)
    @interface List {
        /** One for each misuse. */
        MisuseNotDetected[] value();
    }
}
