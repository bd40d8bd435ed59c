package io.valuetask.stream;

import io.valuetask.ValueTaskAwaiter;
import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One buffer on its way out, followed to learn whether it fails, whoever still waits then. Used again. */
final class HandedOver {
    static final Consumer<HandedOver> ON_LEFT = HandedOver::onLeft;

    private static final VarHandle BUSY = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(), "busy",
            VarHandle.class, HandedOver.class, boolean.class);

    private final WriteBuffer writes;
    /** Of whoever has claimed this. */
    final ValueTaskAwaiter<@Nullable Void> awaiter = new ValueTaskAwaiter<>();
    /** Set by CAS, any thread; cleared by whoever completes the write, when the awaiter is free. */
    @SuppressWarnings("unused")
    private volatile boolean busy;

    HandedOver(WriteBuffer writes) {
        this.writes = writes;
    }

    boolean tryClaim() {
        return BUSY.compareAndSet(this, false, true);
    }

    /** The write that {@link #awaiter} holds has ended. */
    void onLeft() {
        try {
            awaiter.result();
        } catch (Throwable failure) {
            writes.failed(failure);
        }
        busy = false;
    }
}
