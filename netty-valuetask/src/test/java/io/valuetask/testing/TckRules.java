package io.valuetask.testing;

import java.lang.annotation.Annotation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Comparator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.reactivestreams.tck.TestEnvironment;
import org.testng.annotations.AfterClass;
import org.testng.annotations.BeforeClass;
import org.testng.annotations.BeforeMethod;
import org.testng.annotations.Test;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/**
 * The rules of the Reactive Streams TCK as tests of JUnit: its methods are written for TestNG. A rule that the TCK skips
 * was not verified, and fails.
 */
public final class TckRules {
    /** Until a signal must have come; only waited for in full by a test that fails. */
    private static final long SIGNAL_TIMEOUT_MILLIS = 5000;
    /** How long no signal must come; a test that expects none waits that long. */
    private static final long NO_SIGNAL_TIMEOUT_MILLIS = 50;
    private static final long POLL_MILLIS = 10;

    private static final String NOT_TESTED_BY_THE_TCK = "untested";

    private TckRules() {}

    /** What a verification is constructed with. */
    public static TestEnvironment environment() {
        return new TestEnvironment(SIGNAL_TIMEOUT_MILLIS, NO_SIGNAL_TIMEOUT_MILLIS, POLL_MILLIS);
    }

    /**
     * The rules, each to be verified on an object of its own.
     *
     * @param verification a public class, since its methods are found and called by reflection
     * @param notApplicable beginnings of the names of rules that are left out
     */
    public static Stream<DynamicTest> of(Supplier<?> verification, String... notApplicable) {
        return methods(verification.get().getClass(), Test.class)
                .filter(rule -> !rule.getName().startsWith(NOT_TESTED_BY_THE_TCK)
                        && Arrays.stream(notApplicable).noneMatch(rule.getName()::startsWith))
                .map(rule -> dynamicTest(rule.getName(), () -> verify(rule, verification.get())));
    }

    private static void verify(Method rule, Object verification) throws Throwable {
        invokeEach(BeforeClass.class, verification);
        try {
            invokeEach(BeforeMethod.class, verification);
            invoke(rule, verification);
        } finally {
            invokeEach(AfterClass.class, verification);
        }
    }

    private static void invokeEach(Class<? extends Annotation> kind, Object verification) throws Throwable {
        for (Method method : methods(verification.getClass(), kind).toList()) {
            invoke(method, verification);
        }
    }

    private static Stream<Method> methods(Class<?> verification, Class<? extends Annotation> kind) {
        return Arrays.stream(verification.getMethods()).filter(method -> method.isAnnotationPresent(kind))
                .sorted(Comparator.comparing(Method::getName));
    }

    private static void invoke(Method method, Object verification) throws Throwable {
        try {
            method.invoke(verification);
        } catch (InvocationTargetException outcome) {
            throw outcome.getCause();
        }
    }
}
