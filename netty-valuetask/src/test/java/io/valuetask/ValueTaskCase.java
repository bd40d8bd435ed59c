package io.valuetask;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Every way to make a handle, and what it must answer. */
record ValueTaskCase(String name, Supplier<ValueTask<String>> factory, ValueTaskSourceStatus status,
        String result,
        Class<? extends Throwable> failureType, Throwable failure) {

    private static final IOException FAILURE = new IOException("of the operation");
    private static final CancellationException CANCELLATION = new CancellationException("of the operation");

    static final List<ValueTaskCase> COMPLETE = List.of(
            success("completed()", ValueTask::completed, null),
            success("completed(null)", () -> ValueTask.completed(null), null),
            success("completed(x)", () -> ValueTask.completed("x"), "x"),
            success("fromSource succeeded", () -> ofSource(source -> source.complete(1, "x")), "x"),
            success("fromFuture succeeded",
                    () -> ValueTask.fromFuture(CompletableFuture.completedFuture("x")),
                    "x"),
            faulted("failed(e)", () -> ValueTask.failed(FAILURE)),
            faulted("fromSource faulted", () -> ofSource(source -> source.completeExceptionally(1, FAILURE))),
            faulted("fromFuture faulted",
                    () -> ValueTask.fromFuture(CompletableFuture.failedFuture(FAILURE))),
            faulted("fromFuture faulted behind a stage", () -> ValueTask
                    .fromFuture(CompletableFuture.<String>failedFuture(FAILURE).thenApply(x -> x))),
            canceled("canceled()", ValueTask::canceled, null),
            canceled("failed(cancellation)", () -> ValueTask.failed(CANCELLATION), CANCELLATION),
            canceled("fromSource cancelled", () -> ofSource(source -> source.cancel(1)), null),
            canceled("fromSource failed with a cancellation",
                    () -> ofSource(source -> source.completeExceptionally(1, CANCELLATION)), CANCELLATION),
            canceled("fromFuture cancelled", () -> ValueTask.fromFuture(cancelledFuture()), null));

    static final List<ValueTaskCase> PENDING = List.of(
            pending("fromSource pending", () -> ofSource(source -> {})),
            pending("fromFuture pending", () -> ValueTask.fromFuture(new CompletableFuture<>())));

    interface Preparation {
        void accept(ManualResetValueTaskSource<String> source);
    }

    private static ValueTask<String> ofSource(Preparation preparation) {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        long token = source.arm();
        preparation.accept(source);
        return ValueTask.fromSource(source, token);
    }

    private static CompletableFuture<String> cancelledFuture() {
        CompletableFuture<String> future = new CompletableFuture<>();
        future.cancel(true);
        return future;
    }

    private static ValueTaskCase success(String name, Supplier<ValueTask<String>> factory, String result) {
        return new ValueTaskCase(name, factory, ValueTaskSourceStatus.SUCCEEDED, result, null, null);
    }

    private static ValueTaskCase faulted(String name, Supplier<ValueTask<String>> factory) {
        return new ValueTaskCase(name, factory, ValueTaskSourceStatus.FAULTED, null, IOException.class,
                FAILURE);
    }

    private static ValueTaskCase canceled(String name, Supplier<ValueTask<String>> factory,
            Throwable failure) {
        return new ValueTaskCase(name, factory, ValueTaskSourceStatus.CANCELED, null,
                CancellationException.class,
                failure);
    }

    private static ValueTaskCase pending(String name, Supplier<ValueTask<String>> factory) {
        return new ValueTaskCase(name, factory, ValueTaskSourceStatus.PENDING, null, null, null);
    }

    ValueTask<String> make() {
        return factory.get();
    }

    @Override
    public String toString() {
        return name;
    }
}
