package io.valuetask.perf;

/** Where the executable jar begins: compiled for an older JVM, so that it can say which one the harness needs. */
public final class Door {
    private static final int NEEDED = 25;

    private Door() {}

    public static void main(String... arguments) throws ReflectiveOperationException {
        int version = Runtime.version().feature();
        if (version < NEEDED) {
            System.err.println("the load harness needs Java " + NEEDED + " or newer, and "
                    + System.getProperty("java.home") + " is Java " + version
                    + ": put a newer 'java' first on the PATH, or name it in place of 'java'");
            System.exit(1);
        }
        // By name: this class must not be linked with classes that an older JVM cannot read.
        Class.forName("io.valuetask.perf.Main").getMethod("main", String[].class).invoke(null,
                (Object) arguments);
    }
}
