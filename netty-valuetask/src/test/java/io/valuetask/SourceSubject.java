package io.valuetask;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * A reusable source as the contract sees it: results are small numbers, whatever type the source has. So the twins
 * of {@link ManualResetValueTaskSource} run the same tests.
 */
abstract class SourceSubject {
    private final ManualResetSource source;

    private SourceSubject(ManualResetSource source) {
        this.source = source;
    }

    /** The part that does not depend on the result's type, also for the tests' own view of the word. */
    final ManualResetSource core() {
        return source;
    }

    final long arm() {
        return source.arm();
    }

    final long arm(CancellationToken cancellation) {
        return source.arm(cancellation);
    }

    final long tryArm() {
        return source.tryArm();
    }

    final long begin() {
        return source.begin();
    }

    final long tryBegin() {
        return source.tryBegin();
    }

    final void pend() {
        source.pend();
    }

    final void pend(CancellationToken cancellation) {
        source.pend(cancellation);
    }

    final void withdraw() {
        source.withdraw();
    }

    abstract void succeed(int result);

    abstract void complete(long token, int result);

    abstract boolean tryComplete(long token, int result);

    final void completeExceptionally(long token, Throwable cause) {
        source.completeExceptionally(token, cause);
    }

    final boolean tryCompleteExceptionally(long token, Throwable cause) {
        return source.tryCompleteExceptionally(token, cause);
    }

    final boolean cancel(long token) {
        return source.cancel(token);
    }

    final ValueTaskSourceStatus getStatus(long token) {
        return source.getStatus(token);
    }

    final <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
        return source.onCompleted(continuation, state, token, flags);
    }

    /** Registers without flags. */
    final <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token) {
        return onCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.NONE);
    }

    abstract int getResult(long token) throws IOException;

    /** One whole operation; answers its token, which is stale from the next one on. */
    final long spend() {
        long token = arm();
        complete(token, 0);
        try {
            getResult(token);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return token;
    }

    @Override
    public final String toString() {
        return source.toString();
    }

    /** A subject over the generic source. */
    static SourceSubject of(ManualResetValueTaskSource<Integer> source) {
        return new SourceSubject(source) {
            @Override
            void succeed(int result) {
                source.succeed(result);
            }

            @Override
            void complete(long token, int result) {
                source.complete(token, result);
            }

            @Override
            boolean tryComplete(long token, int result) {
                return source.tryComplete(token, result);
            }

            @Override
            int getResult(long token) throws IOException {
                return source.getResult(token);
            }
        };
    }

    /** A subject over the source of numbers. */
    static SourceSubject of(ManualResetIntValueTaskSource source) {
        return new SourceSubject(source) {
            @Override
            void succeed(int result) {
                source.succeed(result);
            }

            @Override
            void complete(long token, int result) {
                source.complete(token, result);
            }

            @Override
            boolean tryComplete(long token, int result) {
                return source.tryComplete(token, result);
            }

            @Override
            int getResult(long token) throws IOException {
                return source.getResultAsInt(token);
            }
        };
    }
}
