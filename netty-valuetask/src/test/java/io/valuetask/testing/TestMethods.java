package io.valuetask.testing;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;

/** The tests that there are, found in what was compiled, for those that keep a page about them honest. */
public final class TestMethods {
    private static final String CLASS_FILE = ".class";

    private TestMethods() {}

    /** Every class of the tests, nested ones too; none is initialized. */
    public static List<Class<?>> classes() throws IOException, URISyntaxException, ClassNotFoundException {
        Path root = Path.of(TestMethods.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        List<Class<?>> classes = new ArrayList<>();
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(path -> path.toString().endsWith(CLASS_FILE)).toList()) {
                String name = root.relativize(file).toString().replace(file.getFileSystem().getSeparator(),
                        ".");
                classes.add(Class.forName(name.substring(0, name.length() - CLASS_FILE.length()), false,
                        TestMethods.class.getClassLoader()));
            }
        }
        return classes;
    }

    /** Why the method of that class does not run; empty if it does. */
    public static String complaintAbout(Method method, Class<?> type) {
        if (!method.isAnnotationPresent(Test.class) && !method.isAnnotationPresent(ParameterizedTest.class)) {
            return "it is not a test";
        } else if (!type.getName().endsWith("Test")) {
            return "the class is not run";
        } else if (isDisabled(method) || isDisabled(type)) {
            return "it is disabled";
        }
        return "";
    }

    private static boolean isDisabled(AnnotatedElement element) {
        return element.isAnnotationPresent(Disabled.class);
    }
}
