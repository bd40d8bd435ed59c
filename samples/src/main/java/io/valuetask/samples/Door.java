package io.valuetask.samples;

/** Where the executable jar begins: compiled for an older JVM, so that it can say which one the samples need. */
public final class Door {
    private Door() {}

    public static void main(String... arguments) throws ReflectiveOperationException {
        enter("the samples", 21, ", best 25", "io.valuetask.samples.Samples", arguments);
    }

    /**
     * Goes on to a {@code main}, unless this JVM cannot read its class: then says so and ends with status 1.
     *
     * @param what of whom is told, in the plural
     * @param needed the oldest release of Java that will do
     * @param best what else to tell of it, or nothing
     * @param main the class; by name, since this one must not be linked with classes that an older JVM cannot read
     * @param arguments handed on
     */
    public static void enter(String what, int needed, String best, String main, String... arguments)
            throws ReflectiveOperationException {
        int version = Runtime.version().feature();
        if (version < needed) {
            System.err.println(what + " need Java " + needed + " or newer" + best + ", and "
                    + System.getProperty("java.home") + " is Java " + version
                    + ": put a newer 'java' first on the PATH, or name it in place of 'java'");
            System.exit(1);
        }
        Class.forName(main).getMethod("main", String[].class).invoke(null, (Object) arguments);
    }
}
