package io.valuetask.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The ways to use a value task listed in {@code conformance.md} that a test method goes through, such as "U5". */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Usage {
    /** Their names. */
    String[] value();
}
