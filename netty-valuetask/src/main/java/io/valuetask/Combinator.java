package io.valuetask;

import java.lang.invoke.ConstantBootstraps;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One operation made of several: consumes every input once, and decides from their outcomes its own. The one waiter of
 * each input, with itself as the state, so that an input costs no object.
 */
abstract class Combinator<T extends @Nullable Object> extends ManualResetValueTaskSource<T> {
    /*
     * Inputs complete on any threads, also inside one another: to cancel one may complete the next. So that nobody
     * has to be careful, all decisions are taken in one place, by one thread at a time, which the others tell that
     * there is something to look at:
     *
     *   arrivals   0      nobody is inside
     *              n > 0  somebody is inside, and n arrived since it last looked
     *
     *      0 -> 1          // who arrives so is inside: looks, and takes off what it has seen
     *      n -> n + 1      // who arrives so has told the one inside, and is done
     *      n -> n - seen   // the one inside; it leaves if that is 0, else it looks again
     *
     * Arrivals are: each input that completes; the end of the registration, which is inside from the beginning, so that
     * nothing is decided before every input has its waiter; and the cancellation of this operation.
     *
     * What is decided, once, inside:
     *
     *   OPEN -> ended by the inputs         // inside, if isReady() and it wins COMPLETING
     *   OPEN -> cancelled                   // inside, when it sees cancelAsked; the canceller has won COMPLETING
     *
     * Either way the word is COMPLETING until the one inside has left and publishes. So whoever is told the outcome
     * finds each input taken, cancelled or on its way, and its source free.
     *
     * An input that is complete when that is decided, or later, is taken inside. Of many inputs it is found by its block,
     * see InputBlock.
     *
     * See WhenAllStress and WhenAnyStress, and their broken twins.
     */

    private static final VarHandle ARRIVALS = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "arrivals",
            VarHandle.class, Combinator.class, int.class);

    private static final VarHandle ARRIVED_AT = ConstantBootstraps.fieldVarHandle(MethodHandles.lookup(),
            "arrivedAt", VarHandle.class, Combinator.class, InputBlock.class);

    private static final Consumer<Combinator<?>> ARRIVE = Combinator::arrive;

    /** Any thread, by getAndAdd, see above. */
    @SuppressWarnings({"unused", "FieldMayBeFinal"})
    private volatile int arrivals = 1;

    /** The blocks with arrivals. Pushed by CAS, and taken as a whole by getAndSet. */
    @SuppressWarnings("unused")
    private volatile @Nullable InputBlock arrivedAt;

    // Plain: written and read inside only, which the arrivals order one after the other.
    private final @Nullable ValueTask<?>[] inputs;
    private int arrived;
    private boolean ended;
    private boolean sweptOnce;

    /** Written plainly by the winner of COMPLETING in cancel(), before it arrives; read inside. */
    private boolean cancelAsked;

    private final long token = arm();

    /** The inputs must have passed {@link CombinatorInputs#check}; the array is kept. */
    Combinator(ValueTask<?>[] inputs) {
        this.inputs = inputs;
    }

    /** Becomes the waiter of every input. Answers the token of the combined operation. */
    final long start() {
        InputBlock block = null;
        for (int i = 0; i < inputs.length; i++) {
            if (inputs.length > InputBlock.SIZE && i % InputBlock.SIZE == 0) {
                block = new InputBlock(this, i);
            }
            try {
                register(input(i), block);
            } catch (Throwable refusal) {
                giveUp(i);
                throw refusal;
            }
        }
        look();
        return token;
    }

    private void register(ValueTask<?> input, @Nullable InputBlock block) {
        if (block == null) {
            if (!input.onCompleted(ARRIVE, this)) {
                arrive();
            }
        } else if (!input.onCompleted(InputBlock.ARRIVE, block)) {
            block.arrive();
        }
    }

    /** An input got another waiter after it was checked. From that one on they stay the caller's. */
    private void giveUp(int refused) {
        for (int i = refused; i < inputs.length; i++) {
            inputs[i] = null;
        }
        claimCompletion(token);
        cancelAsked = true;
        look();
    }

    /** It has arrivals, and the next one is told to the combinator. */
    final void push(InputBlock block) {
        InputBlock top;
        do {
            top = arrivedAt;
            block.next = top;
        } while (!ARRIVED_AT.compareAndSet(this, top, block));
    }

    /** One of the inputs may have completed. */
    final void arrive() {
        if ((int) ARRIVALS.getAndAdd(this, 1) == 0) {
            look();
        }
    }

    /** Inside. */
    private void look() {
        boolean decided = false;
        int seen = 1;
        do {
            arrived += seen;
            decided |= decide();
            if (ended) {
                sweep();
            }
            seen = (int) ARRIVALS.getAndAdd(this, -seen) - seen;
        } while (seen > 0);
        if (decided) {
            publish();
        }
    }

    /** Takes what has completed. All are looked at once, since they have been cancelled, and then those who arrive. */
    private void sweep() {
        if (!sweptOnce || inputs.length <= InputBlock.SIZE) {
            sweptOnce = true;
            CombinatorInputs.takeCompleted(inputs, 0, inputs.length);
        }
        InputBlock block = (InputBlock) ARRIVED_AT.getAndSet(this, (InputBlock) null);
        while (block != null) {
            InputBlock following = block.next; // before it can be pushed again
            block.takeArrivals();
            CombinatorInputs.takeCompleted(inputs, block.from,
                    Math.min(block.from + InputBlock.SIZE, inputs.length));
            block = following;
        }
    }

    private boolean decide() {
        if (ended) {
            return false;
        } else if (cancelAsked) {
            ended = true;
            CombinatorInputs.cancel(inputs);
            return true;
        } else if (isReady(inputs, arrived - 1) && claimCompletion(token) == 0) {
            ended = true;
            conclude(inputs);
            return true;
        }
        return false;
    }

    @Override
    public final boolean cancel(long canceled) {
        if (claimCompletion(canceled) != 0) {
            return false;
        }
        cancelAsked = true;
        Trampoline.cancel(ARRIVE, this); // an input may be a combined operation too, and one of its own, and so on
        return true;
    }

    private void publish() {
        if (cancelAsked) {
            publishOutcome(StateWord.CANCELED);
        } else {
            publishConclusion();
        }
    }

    /** Whether the combined operation can end, as {@code completed} inputs have said that they are complete. */
    abstract boolean isReady(@Nullable ValueTask<?>[] all, int completed);

    /** Ends the combined operation: takes from the inputs what it needs, and sets to null what is taken. */
    abstract void conclude(@Nullable ValueTask<?>[] all);

    /** Publishes what {@link #conclude} found. */
    abstract void publishConclusion();

    private ValueTask<?> input(int index) {
        ValueTask<?> input = inputs[index];
        if (input == null) {
            throw new AssertionError("inputs[" + index + "]");
        }
        return input;
    }
}
