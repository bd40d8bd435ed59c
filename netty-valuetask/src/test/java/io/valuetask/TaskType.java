package io.valuetask;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** The two types of value tasks, so that one test can be about both. Results are small numbers. */
enum TaskType {
    REFERENCE {
        @Override
        SourceSubject newSource() {
            return SourceSubject.of(new ManualResetValueTaskSource<>());
        }

        @Override
        Task completed(int result) {
            return new OfReference(ValueTask.completed(result));
        }

        @Override
        Task failed(Throwable failure) {
            return new OfReference(ValueTask.failed(failure));
        }

        @Override
        Task canceled() {
            return new OfReference(ValueTask.canceled());
        }

        @Override
        Task fromSource(ValueTaskSource<Integer> source, long token) {
            return new OfReference(ValueTask.fromSource(source, token));
        }

        @Override
        Task fromFuture(CompletionStage<Integer> stage) {
            return new OfReference(ValueTask.fromFuture(stage));
        }

        @Override
        Awaiter newAwaiter() {
            return new ReferenceAwaiter(new ValueTaskAwaiter<>());
        }
    },
    INT {
        @Override
        SourceSubject newSource() {
            return SourceSubject.of(new ManualResetIntValueTaskSource());
        }

        @Override
        Task completed(int result) {
            return new OfInt(IntValueTask.completed(result));
        }

        @Override
        Task failed(Throwable failure) {
            return new OfInt(IntValueTask.failed(failure));
        }

        @Override
        Task canceled() {
            return new OfInt(IntValueTask.canceled());
        }

        @Override
        Task fromSource(ValueTaskSource<Integer> source, long token) {
            return new OfInt(IntValueTask.fromSource((IntValueTaskSource) source, token));
        }

        @Override
        Task fromFuture(CompletionStage<Integer> stage) {
            return new OfInt(IntValueTask.fromFuture(stage));
        }

        @Override
        Awaiter newAwaiter() {
            return new IntAwaiter(new IntValueTaskAwaiter());
        }
    };

    /** A free reusable source. */
    abstract SourceSubject newSource();

    abstract Task completed(int result);

    abstract Task failed(Throwable failure);

    abstract Task canceled();

    abstract Task fromSource(ValueTaskSource<Integer> source, long token);

    abstract Task fromFuture(CompletionStage<Integer> stage);

    abstract Awaiter newAwaiter();

    @SuppressWarnings("unchecked")
    final Task fromSource(SourceSubject source, long token) {
        return fromSource((ValueTaskSource<Integer>) source.core(), token);
    }

    /** A handle of either type. */
    interface Task {
        /** The handle itself. */
        Object handle();

        ValueTaskSourceStatus status();

        boolean isCompleted();

        boolean isCompletedSuccessfully();

        boolean isFaulted();

        boolean isCanceled();

        int result() throws IOException;

        int await() throws IOException, InterruptedException;

        int await(Duration timeout) throws IOException, InterruptedException, TimeoutException;

        <S> boolean onCompleted(Consumer<? super S> continuation, S state);

        <S> boolean onCompleted(Consumer<? super S> continuation, S state, int flags);

        <S> boolean onCompleted(Consumer<? super S> continuation, S state, Executor executor);

        CompletableFuture<Integer> toCompletableFuture();

        Task preserve();

        void discard();
    }

    /** An awaiter of either type. */
    interface Awaiter {
        /** The awaiter itself. */
        AwaiterCore core();

        <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state);

        <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state, int flags);

        <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state, Executor executor);

        int result() throws IOException;

        default boolean isEmpty() {
            return core().heldToken() == Handle.NO_TASK && core().heldPayload() == null;
        }
    }

    private record OfReference(ValueTask<Integer> handle) implements Task {
        @Override
        public ValueTaskSourceStatus status() {
            return handle.status();
        }

        @Override
        public boolean isCompleted() {
            return handle.isCompleted();
        }

        @Override
        public boolean isCompletedSuccessfully() {
            return handle.isCompletedSuccessfully();
        }

        @Override
        public boolean isFaulted() {
            return handle.isFaulted();
        }

        @Override
        public boolean isCanceled() {
            return handle.isCanceled();
        }

        @Override
        public int result() throws IOException {
            return handle.result();
        }

        @Override
        public int await() throws IOException, InterruptedException {
            return handle.await();
        }

        @Override
        public int await(Duration timeout) throws IOException, InterruptedException, TimeoutException {
            return handle.await(timeout);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state) {
            return handle.onCompleted(continuation, state);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, int flags) {
            return handle.onCompleted(continuation, state, flags);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, Executor executor) {
            return handle.onCompleted(continuation, state, executor);
        }

        @Override
        public CompletableFuture<Integer> toCompletableFuture() {
            return handle.toCompletableFuture();
        }

        @Override
        public Task preserve() {
            return new OfReference(handle.preserve());
        }

        @Override
        public void discard() {
            handle.discard();
        }
    }

    private record OfInt(IntValueTask handle) implements Task {
        @Override
        public ValueTaskSourceStatus status() {
            return handle.status();
        }

        @Override
        public boolean isCompleted() {
            return handle.isCompleted();
        }

        @Override
        public boolean isCompletedSuccessfully() {
            return handle.isCompletedSuccessfully();
        }

        @Override
        public boolean isFaulted() {
            return handle.isFaulted();
        }

        @Override
        public boolean isCanceled() {
            return handle.isCanceled();
        }

        @Override
        public int result() throws IOException {
            return handle.result();
        }

        @Override
        public int await() throws IOException, InterruptedException {
            return handle.await();
        }

        @Override
        public int await(Duration timeout) throws IOException, InterruptedException, TimeoutException {
            return handle.await(timeout);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state) {
            return handle.onCompleted(continuation, state);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, int flags) {
            return handle.onCompleted(continuation, state, flags);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, Executor executor) {
            return handle.onCompleted(continuation, state, executor);
        }

        @Override
        public CompletableFuture<Integer> toCompletableFuture() {
            return handle.toCompletableFuture();
        }

        @Override
        public Task preserve() {
            return new OfInt(handle.preserve());
        }

        @Override
        public void discard() {
            handle.discard();
        }
    }

    private record ReferenceAwaiter(ValueTaskAwaiter<Integer> core) implements Awaiter {
        @Override
        public <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state) {
            return core.onCompleted(((OfReference) task).handle, continuation, state);
        }

        @Override
        public <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state, int flags) {
            return core.onCompleted(((OfReference) task).handle, continuation, state, flags);
        }

        @Override
        public <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state,
                Executor executor) {
            return core.onCompleted(((OfReference) task).handle, continuation, state, executor);
        }

        @Override
        public int result() throws IOException {
            return core.result();
        }
    }

    private record IntAwaiter(IntValueTaskAwaiter core) implements Awaiter {
        @Override
        public <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state) {
            return core.onCompleted(((OfInt) task).handle, continuation, state);
        }

        @Override
        public <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state, int flags) {
            return core.onCompleted(((OfInt) task).handle, continuation, state, flags);
        }

        @Override
        public <S> boolean onCompleted(Task task, Consumer<? super S> continuation, S state,
                Executor executor) {
            return core.onCompleted(((OfInt) task).handle, continuation, state, executor);
        }

        @Override
        public int result() throws IOException {
            return core.result();
        }
    }
}
