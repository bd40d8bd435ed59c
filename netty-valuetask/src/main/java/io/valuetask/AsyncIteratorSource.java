package io.valuetask;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * An {@link AsyncIterator} with a producer's side: what {@code yield return} is in a C# iterator, is here
 * {@link #emit}. The two sides may be on different threads or on the same one.
 *
 * <p>There is one element in flight at most, and a producer that awaits each {@code emit} does not run ahead: it goes on
 * when the consumer has asked for the next element.
 *
 * {@snippet :
 * AsyncIteratorSource<String> lines = new AsyncIteratorSource<>();
 * Thread.startVirtualThread(() -> {
 *     try {
 *         for (String line; (line = reader.readLine()) != null;) {
 *             lines.emit(line).await();
 *         }
 *         lines.complete();
 *     } catch (Throwable failure) {
 *         lines.completeExceptionally(failure); // false if it says that the consumer has closed the iterator
 *     }
 * });
 * }
 *
 * <p>The consumer {@linkplain #close closes} the iterator when it wants no more. The producer learns that from the
 * {@link CancellationException} of the {@code emit} or {@code requested} that it awaits or calls next, and from
 * {@link #isClosed()}.
 *
 * <p>A producer that cannot wait calls {@link #tryEmit}; one that must not even begin before it is asked awaits
 * {@link #requested()} first.
 *
 * <p><b>Threading.</b> Lock-free. One consumer and one producer at a time; {@code close}, {@code complete} and
 * {@code completeExceptionally} may be called by any thread. Continuations of one side run inside the calls of the other,
 * unless they asked for another executor; they nest eight deep at most. <b>Ownership.</b> An emitted element belongs to
 * the iterator until the consumer takes it, and is released (see {@link ResultReleaser}) if the consumer closes first. A
 * refused one stays the producer's. <b>Allocation.</b> None per element.
 *
 * @param <T> the type of the elements
 */
public final class AsyncIteratorSource<T> extends IteratorCore<T> implements AsyncIterator<T> {
    /*
     * IteratorWord says what there is. Two sources beside it say who waits for it: a move is an operation of the one, an
     * emit or a request an operation of the other.
     *
     * Between a party that changes the word and then looks for somebody who waits, and a party that begins to wait and
     * then looks at the word, one always sees the other:
     *
     *   emit, complete, close: CAS the word; full fence; pendingToken()    moveNext: pend() (full fence); the word
     *   moveNext, close:       CAS the word; full fence; pendingToken()    emit:     pend() (full fence); the word
     *
     * Both may see each other; then the source's word lets one of them complete the wait.
     *
     * Who looks for a waiter reads its token first and the word afterwards. The waiter put its element, or asked, before
     * it began to wait, so a word that is read after its token is not older than that: what is found in it is meant for
     * this waiter, and not for the one before it.
     *
     * See EmitVsMoveNextStress, CompleteVsMoveNextStress, CloseVsEmitStress and StaleRequestStress, with their broken
     * twins.
     */

    private final Moves moves = new Moves();
    private final Emits emits = new Emits();

    /** Creates an iterator that has no elements yet. */
    public AsyncIteratorSource() {}

    // The consumer's side

    @Override
    public ValueTask<Boolean> moveNext() {
        return ValueTask.fromSource(moves, InlineBarrier.startMove(this));
    }

    /** {@code moveNext().await()}, without a handle. */
    boolean awaitMove() throws IOException, InterruptedException {
        return Waiting.await(moves, startMove());
    }

    /** Called behind {@link InlineBarrier}. */
    static long startMove(AsyncIteratorSource<?> iterator) {
        return iterator.startMove();
    }

    private long startMove() {
        long token = moves.begin();
        boolean asked = ask();
        int answer = IteratorWord.answer(wordAcquire());
        if (answer == IteratorWord.ANSWER_ELEMENT) {
            moves.succeed(true);
        } else {
            moves.pend();
            answerMove(token);
        }
        if (asked) {
            // Last: the producer may go on inside this call, and emit what this move waits for.
            VarHandle.fullFence();
            answerEmit(emits.pendingToken());
        }
        return token;
    }

    @Override
    public T current() {
        T element = currentOrNull();
        if (element == null) {
            throw noCurrentElement(this);
        }
        return element;
    }

    /**
     * {@inheritDoc}
     *
     * <p>An element that was emitted and not taken is released, and the producer's {@code emit} is cancelled.
     */
    @Override
    public ValueTask<@Nullable Void> close() {
        if (closeAndRelease()) {
            VarHandle.fullFence();
            answerMove(moves.pendingToken());
            answerEmit(emits.pendingToken());
        }
        return ValueTask.completed();
    }

    // The producer's side

    /**
     * Hands the next element over. The operation ends when the consumer has asked for the element after it; await it
     * before the next call.
     *
     * <p>To cancel the operation, such as by {@link ValueTask#await(java.time.Duration)}, only ends the wait: the element
     * stays in flight. Await {@link #requested()} before the next one.
     *
     * @param value the element; belongs to the iterator from here on, unless this throws
     * @return the operation; cancelled if the consumer has closed the iterator, or does so meanwhile
     * @throws ValueTaskMisuseException if another {@code emit} or {@code requested} is in progress, the consumer has not
     *         asked for the element after the last one, or the sequence was completed
     */
    public ValueTask<@Nullable Void> emit(T value) {
        return ValueTask.fromSource(emits, InlineBarrier.startEmit(this, value));
    }

    /** Called behind {@link InlineBarrier}. */
    @SuppressWarnings("unchecked")
    static <T> long startEmit(AsyncIteratorSource<?> iterator, @Nullable Object element) {
        AsyncIteratorSource<T> typed = (AsyncIteratorSource<T>) iterator;
        return typed.startEmit((T) Objects.requireNonNull(element, "value"));
    }

    private long startEmit(T value) {
        long token = emits.begin();
        int refusal = put(value);
        if (refusal == IteratorWord.REFUSED_CLOSED) {
            Discarding.release(value);
        } else if (refusal != 0) {
            emits.withdraw(token);
            throw notEmitted(refusal);
        }
        // A full fence, too, which looking for a pending move needs. First, so that a consumer that goes on inside this
        // call finds an emit to complete.
        emits.pend();
        answerMove(moves.pendingToken());
        answerEmit(token);
        return token;
    }

    /**
     * Hands the next element over if the consumer has asked for it, or has not asked for anything yet.
     *
     * @param value the element; belongs to the iterator if this returns true, else it stays the caller's
     * @return true if the iterator has taken it; false if the consumer has not asked for the element after the last one
     *         (await {@link #requested()}), has closed the iterator, or the sequence was completed
     */
    public boolean tryEmit(T value) {
        Objects.requireNonNull(value, "value");
        if (put(value) != 0) {
            return false;
        }
        VarHandle.fullFence();
        answerMove(moves.pendingToken());
        return true;
    }

    /**
     * Waits until the consumer has asked for an element that was not emitted yet. For a producer that begins only when it
     * is asked, or that uses {@link #tryEmit}.
     *
     * @return the operation; cancelled if the consumer has closed the iterator, or does so meanwhile
     * @throws ValueTaskMisuseException if another {@code emit} or {@code requested} is in progress
     */
    public ValueTask<@Nullable Void> requested() {
        return ValueTask.fromSource(emits, startRequest());
    }

    private long startRequest() {
        long token = emits.begin();
        emits.pend();
        answerEmit(token);
        return token;
    }

    /**
     * Ends the sequence. An element in flight comes before the end.
     *
     * @return true if this call has ended the sequence; false if it was ended before, or the consumer has closed it
     */
    public boolean complete() {
        return endAndAnswer(null);
    }

    /**
     * Ends the sequence with a failure. An element in flight comes before it. Every move after that fails.
     *
     * @param cause what the moves throw, unchanged
     * @return true if this call has ended the sequence; false if it was ended before, or the consumer has closed it: then
     *         nobody is going to hear of {@code cause}
     */
    public boolean completeExceptionally(Throwable cause) {
        return endAndAnswer(Objects.requireNonNull(cause, "cause"));
    }

    private boolean endAndAnswer(@Nullable Throwable cause) {
        if (!end(cause)) {
            return false;
        }
        VarHandle.fullFence();
        answerMove(moves.pendingToken());
        return true;
    }

    /**
     * Whether the consumer wants no more elements.
     *
     * @return true after {@link #close()}
     */
    public boolean isClosed() {
        return IteratorWord.end(wordAcquire()) == IteratorWord.CLOSED;
    }

    private ValueTaskMisuseException notEmitted(int refusal) {
        String what = switch (refusal) {
            case IteratorWord.REFUSED_ENDED -> "the sequence was completed before";
            case IteratorWord.REFUSED_SECOND_PRODUCER -> "another producer is emitting at this moment";
            case IteratorWord.REFUSED_UNASKED ->
                "the consumer has not asked for the element after the last one";
            default -> throw new AssertionError("refusal=" + refusal);
        };
        String advice = switch (refusal) {
            case IteratorWord.REFUSED_ENDED -> "emit before complete()";
            case IteratorWord.REFUSED_SECOND_PRODUCER -> "let one producer emit at a time";
            default -> "await each emit, or requested() after a tryEmit or a cancelled emit";
        };
        return new ValueTaskMisuseException(what + ": iterator=" + this + "; " + advice);
    }

    // Those who wait

    /** Completes a pending move if there is an answer. */
    private void answerMove(long token) {
        if (token < 0) {
            return;
        }
        switch (IteratorWord.answer(wordAcquire())) {
            case IteratorWord.ANSWER_ELEMENT -> moves.tryComplete(token, true);
            case IteratorWord.ANSWER_END -> answerEnd(token);
            case IteratorWord.ANSWER_CLOSED -> moves.tryCompleteExceptionally(token, closedException());
            default -> {
                // There is none yet.
            }
        }
    }

    private void answerEnd(long token) {
        Throwable cause = failure();
        if (cause == null) {
            moves.tryComplete(token, false);
        } else {
            moves.tryCompleteExceptionally(token, cause);
        }
    }

    /** Completes a pending emit if the consumer has asked for more, or never will. */
    private void answerEmit(long token) {
        if (token < 0) {
            return;
        }
        int word = wordAcquire();
        if (IteratorWord.end(word) == IteratorWord.CLOSED) {
            emits.tryCompleteExceptionally(token, closedException());
        } else if (IteratorWord.isWanted(word)) {
            emits.tryComplete(token, null);
        }
    }

    static ValueTaskMisuseException noCurrentElement(AsyncIterator<?> iterator) {
        return new ValueTaskMisuseException("there is no current element: iterator=" + iterator
                + "; await moveNext(), and go on if it answers true");
    }

    static CancellationException closedException() {
        return new CancellationException("the consumer has closed the iterator");
    }

    /** Tells where the iterator stands, without side effects and without touching an element. */
    @Override
    public String toString() {
        return "AsyncIteratorSource[" + IteratorWord.describe(wordAcquire()) + "]";
    }

    /** The element is taken in the step that consumes the move, so that a cancelled move loses none. */
    private final class Moves extends ManualResetValueTaskSource<Boolean> {
        @Override
        protected Boolean take(Boolean element) {
            if (element && !takeElement()) {
                throw closedException(); // after the answer, and before it was taken
            }
            return element;
        }

        @Override
        String describeSource() {
            return "AsyncIteratorSource.moveNext";
        }
    }

    private static final class Emits extends ManualResetValueTaskSource<@Nullable Void> {
        /** Ends what {@link #begin} claimed, for an emit that is refused. Its token is not out. */
        void withdraw(long token) {
            succeed(null);
            try {
                getResult(token);
            } catch (IOException impossible) {
                throw new AssertionError(impossible);
            }
        }

        @Override
        String describeSource() {
            return "AsyncIteratorSource.emit";
        }
    }
}
