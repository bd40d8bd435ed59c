package io.valuetask.perf;

/** Where the executable jar begins: compiled for an older JVM, so that it can say which one the commands need. */
public final class Door {
    private Door() {}

    public static void main(String... arguments) throws ReflectiveOperationException {
        io.valuetask.samples.Door.enter("the commands of the load harness", 25, "", "io.valuetask.perf.Main",
                arguments);
    }
}
