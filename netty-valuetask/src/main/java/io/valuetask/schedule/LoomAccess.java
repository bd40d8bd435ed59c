package io.valuetask.schedule;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

import static java.util.Objects.requireNonNull;

/**
 * The one door into the JDK: virtual threads whose scheduler is chosen, and the platform thread that carries the calling
 * one. Package-private members of {@code java.lang}, the same in JDK 21 to 25, which have to be opened by a flag; no
 * public API has them. Tried out once, when first asked for.
 *
 * <p>Below JDK 24 a virtual thread that parks inside {@code synchronized} keeps its carrier, and so would block the whole
 * event loop. There the answer is no.
 */
final class LoomAccess {
    private static final int FIRST_JDK_WHOSE_MONITORS_UNMOUNT = 24;

    // Null where it is not to be had; then REFUSAL tells why. Constants, so that calls through them are inlined.
    private static final @Nullable MethodHandle NEW_BUILDER;
    private static final @Nullable MethodHandle CURRENT_CARRIER;
    private static final @Nullable Executor COMMON;
    /** Null if there is none. */
    static final @Nullable String REFUSAL;

    static {
        MethodHandle newBuilder = null;
        MethodHandle currentCarrier = null;
        Executor common = null;
        String refusal;
        try {
            MethodHandles.Lookup own = MethodHandles.lookup();
            MethodHandles.Lookup lookup = MethodHandles.privateLookupIn(Thread.class, own);
            Class<?> builder = lookup.findClass("java.lang.ThreadBuilders$VirtualThreadBuilder");
            newBuilder = lookup.findConstructor(builder, MethodType.methodType(void.class, Executor.class))
                    .asType(MethodType.methodType(Thread.Builder.OfVirtual.class, Executor.class));
            currentCarrier = lookup.findStatic(Thread.class, "currentCarrierThread",
                    MethodType.methodType(Thread.class));
            Class<?> thread = lookup.findClass("java.lang.VirtualThread");
            common = (Executor) MethodHandles.privateLookupIn(thread, own)
                    .unreflectGetter(thread.getDeclaredField("DEFAULT_SCHEDULER")).invoke();
            refusal = Runtime.version().feature() < FIRST_JDK_WHOSE_MONITORS_UNMOUNT
                    ? "JDK " + Runtime.version().feature()
                            + " would block a whole event loop where a body waits "
                            + "inside synchronized; run on JDK " + FIRST_JDK_WHOSE_MONITORS_UNMOUNT
                            + " or later"
                    : LoomSelfTest.run(newBuilder, currentCarrier);
        } catch (IllegalAccessException closed) {
            Module module = LoomAccess.class.getModule();
            refusal = "java.lang is not open to it; start the JVM with --add-opens=java.base/java.lang="
                    + (module.isNamed() ? module.getName() : "ALL-UNNAMED")
                    + ", or put \"Add-Opens: java.base/java.lang\" into the manifest of the executable jar";
        } catch (Throwable other) {
            refusal = "this JDK, " + Runtime.version()
                    + ", has other virtual threads than those of JDK 21 to 25: "
                    + other;
        }
        REFUSAL = refusal;
        NEW_BUILDER = newBuilder;
        CURRENT_CARRIER = currentCarrier;
        COMMON = common;
    }

    private LoomAccess() {}

    static boolean isOpen() {
        return REFUSAL == null;
    }

    /** Builds threads that the scheduler runs. Only where {@link #isOpen}. */
    static Thread.Builder.OfVirtual builder(Executor scheduler) {
        try {
            return (Thread.Builder.OfVirtual) requireNonNull(NEW_BUILDER).invokeExact(scheduler);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The platform thread below the calling one, or that itself. Only where {@link #isOpen}. */
    static Thread currentCarrier() {
        try {
            return (Thread) requireNonNull(CURRENT_CARRIER).invokeExact();
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** The JDK's own scheduler of virtual threads. Only where {@link #isOpen}. */
    static Executor common() {
        return requireNonNull(COMMON);
    }
}
