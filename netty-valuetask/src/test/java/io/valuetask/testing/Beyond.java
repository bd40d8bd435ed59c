package io.valuetask.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The promises of {@code conformance.md} that .NET does not make and a test method holds us to, such as "B5". */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
public @interface Beyond {
    /** Their names. */
    String[] value();
}
