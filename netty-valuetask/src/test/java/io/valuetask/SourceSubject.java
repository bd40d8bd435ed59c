package io.valuetask;

import java.io.IOException;
import java.util.function.Consumer;

/**
 * A reusable source as the contract sees it: results are small numbers, whatever type the source has. So the twins
 * of {@link ManualResetValueTaskSource} run the same tests.
 */
interface SourceSubject {
    /** The shared part, for the tests' own view of the word. */
    SourceCore core();

    long arm();

    long tryArm();

    long begin();

    long tryBegin();

    void pend();

    void succeed(int result);

    void complete(long token, int result);

    boolean tryComplete(long token, int result);

    void completeExceptionally(long token, Throwable cause);

    boolean tryCompleteExceptionally(long token, Throwable cause);

    boolean cancel(long token);

    ValueTaskSourceStatus getStatus(long token);

    <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags);

    int getResult(long token) throws IOException;

    /** Registers without flags. */
    default <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token) {
        return onCompleted(continuation, state, token, ValueTaskSourceOnCompletedFlags.NONE);
    }

    /** One whole operation; answers its token, which is stale from the next one on. */
    default long spend() {
        long token = arm();
        complete(token, 0);
        try {
            getResult(token);
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        return token;
    }

    /** A subject over the generic source. */
    static SourceSubject of(ManualResetValueTaskSource<Integer> source) {
        return new SourceSubject() {
            @Override
            public SourceCore core() {
                return source;
            }

            @Override
            public long arm() {
                return source.arm();
            }

            @Override
            public long tryArm() {
                return source.tryArm();
            }

            @Override
            public long begin() {
                return source.begin();
            }

            @Override
            public long tryBegin() {
                return source.tryBegin();
            }

            @Override
            public void pend() {
                source.pend();
            }

            @Override
            public void succeed(int result) {
                source.succeed(result);
            }

            @Override
            public void complete(long token, int result) {
                source.complete(token, result);
            }

            @Override
            public boolean tryComplete(long token, int result) {
                return source.tryComplete(token, result);
            }

            @Override
            public void completeExceptionally(long token, Throwable cause) {
                source.completeExceptionally(token, cause);
            }

            @Override
            public boolean tryCompleteExceptionally(long token, Throwable cause) {
                return source.tryCompleteExceptionally(token, cause);
            }

            @Override
            public boolean cancel(long token) {
                return source.cancel(token);
            }

            @Override
            public ValueTaskSourceStatus getStatus(long token) {
                return source.getStatus(token);
            }

            @Override
            public <S> boolean onCompleted(Consumer<? super S> continuation, S state, long token, int flags) {
                return source.onCompleted(continuation, state, token, flags);
            }

            @Override
            public int getResult(long token) throws IOException {
                return source.getResult(token);
            }
        };
    }
}
