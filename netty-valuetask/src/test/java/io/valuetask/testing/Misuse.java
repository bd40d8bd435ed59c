package io.valuetask.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The misuses of {@code conformance.md} that a test method shows to be detected, such as "M5". */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Misuse {
    /** Their names. */
    String[] value();
}
