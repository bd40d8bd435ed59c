package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Some of the inputs of a {@link Combinator} that has many, and what their continuations have as their state: who arrives
 * says in which block, so that not all inputs must be looked at to find the one that has completed.
 */
final class InputBlock {
    /*
     * Blocks with arrivals stand on a stack, each once. Whoever arrives first puts its block there:
     *
     *   arrivals   0 -> 1        // and pushes the block, then tells the combinator
     *              n -> n + 1    // it is there; tells the combinator
     *              n -> 0        // the one inside, which has popped all; only then it looks at the inputs
     *
     * An input is complete before it is counted. So whoever finds its block counted is found by the look that comes after
     * the count was taken; and whoever comes after that pushes it again.
     *
     * See InputBlockStress, and its broken twin.
     */
    private static final VarHandle ARRIVALS = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "arrivals", VarHandle.class, InputBlock.class, int.class);

    /** With so many inputs or fewer there are no blocks. A look at all of one costs about what a cache miss does. */
    static final int SIZE = 64;

    static final Consumer<InputBlock> ARRIVE = InputBlock::arrive;

    private final Combinator<?> combinator;
    final int from;

    /** Any thread, by getAndAdd, and taken by getAndSet. */
    @SuppressWarnings("unused")
    private volatile int arrivals;

    /** Written by who pushes it, read by who has popped it, before the arrivals are taken. */
    @Nullable
    InputBlock next;

    InputBlock(Combinator<?> combinator, int from) {
        this.combinator = combinator;
        this.from = from;
    }

    /** An input of it may have completed. */
    void arrive() {
        if ((int) ARRIVALS.getAndAdd(this, 1) == 0) {
            combinator.push(this);
        }
        combinator.arrive();
    }

    /** Its inputs are going to be looked at. For who has popped it. */
    void takeArrivals() {
        ARRIVALS.getAndSet(this, 0);
    }
}
