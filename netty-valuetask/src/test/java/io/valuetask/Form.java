package io.valuetask;

import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * How the waiting side reaches an operation of a reusable source: by source and token, by a handle, or by an awaiter;
 * each with results of either type. What is true of an operation must be true in every form.
 */
enum Form {
    SOURCE(TaskType.REFERENCE),
    HANDLE(TaskType.REFERENCE),
    AWAITER(TaskType.REFERENCE),
    INT_SOURCE(TaskType.INT),
    INT_HANDLE(TaskType.INT),
    INT_AWAITER(TaskType.INT);

    final TaskType type;

    Form(TaskType type) {
        this.type = type;
    }

    /** A free source of the right type. */
    SourceSubject newSource() {
        return type.newSource();
    }

    /** Starts the next operation. */
    Operation arm(SourceSubject source) {
        return of(source, source.arm());
    }

    /** The view of one party on an operation; a second party is a second view. */
    Operation of(SourceSubject source, long token) {
        return switch (this) {
            case SOURCE, INT_SOURCE -> new OfSource(source, token);
            case HANDLE, INT_HANDLE -> new OfHandle(type.fromSource(source, token));
            case AWAITER, INT_AWAITER -> new OfAwaiter(type.fromSource(source, token), type.newAwaiter());
        };
    }

    /** What the waiting side can do. */
    interface Operation {
        ValueTaskSourceStatus status();

        <S> boolean onCompleted(Consumer<? super S> continuation, S state, int flags);

        /** With an executor of its own; a source, which has no such call, is asked as a handle would ask it. */
        <S> boolean onCompleted(Consumer<? super S> continuation, S state, Executor executor);

        /** Of an awaiter that holds nothing yet: hands it the handle, then takes the result. */
        int result() throws IOException;

        /** Registers without wishes. */
        default <S> boolean onCompleted(Consumer<? super S> continuation, S state) {
            return onCompleted(continuation, state, ValueTaskSourceOnCompletedFlags.NONE);
        }
    }

    private record OfSource(SourceSubject source, long token) implements Operation {
        @Override
        public ValueTaskSourceStatus status() {
            return source.getStatus(token);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, int flags) {
            return source.onCompleted(continuation, state, token, flags);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, Executor executor) {
            return Handle.onCompleted(token, source.core(), continuation, state, executor,
                    ValueTaskSourceOnCompletedFlags.NONE);
        }

        @Override
        public int result() throws IOException {
            return source.getResult(token);
        }
    }

    private record OfHandle(TaskType.Task task) implements Operation {
        @Override
        public ValueTaskSourceStatus status() {
            return task.status();
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, int flags) {
            return task.onCompleted(continuation, state, flags);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, Executor executor) {
            return task.onCompleted(continuation, state, executor);
        }

        @Override
        public int result() throws IOException {
            return task.result();
        }
    }

    private record OfAwaiter(TaskType.Task task, TaskType.Awaiter awaiter) implements Operation {
        @Override
        public ValueTaskSourceStatus status() {
            return task.status();
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, int flags) {
            return awaiter.onCompleted(task, continuation, state, flags);
        }

        @Override
        public <S> boolean onCompleted(Consumer<? super S> continuation, S state, Executor executor) {
            return awaiter.onCompleted(task, continuation, state, executor);
        }

        @Override
        public int result() throws IOException {
            if (awaiter.isEmpty()) {
                awaiter.onCompleted(task, ignored -> {}, null);
            }
            return awaiter.result();
        }
    }
}
