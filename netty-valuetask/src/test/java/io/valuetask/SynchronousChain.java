package io.valuetask;

import java.io.IOException;

/**
 * One operation after another on one source, each complete before the continuation that started it has returned. Where
 * completions nest, the stack grows with every step.
 */
final class SynchronousChain {
    /** How a step learns that its operation is complete. */
    enum Style {
        /** The continuation, registered with the source, starts the next operation. */
        CONTINUATION(1_000_000),
        /** The same through an awaiter, as a hand-made state machine would do it. */
        AWAITER(1_000_000),
        /** Through an awaiter and an executor that runs what it is given at once. */
        EXECUTOR(100_000),
        /** Through an awaiter, in the context of the step before. */
        CONTEXT(100_000);

        /** How many steps {@link #main} takes. */
        final int length;

        Style(int length) {
            this.length = length;
        }
    }

    private final TaskType type;
    private final Style style;
    private final int length;
    private final SourceSubject source;
    private final TaskType.Awaiter awaiter;
    private long token;
    private int steps;
    private long deepest;

    SynchronousChain(TaskType type, Style style, int length) {
        this.type = type;
        this.style = style;
        this.length = length;
        source = type.newSource();
        awaiter = type.newAwaiter();
    }

    /** Runs the chain and answers how many steps it took. */
    int run() {
        startNext();
        return steps;
    }

    /** The most frames there were on the stack, looked at every thousandth step. */
    long deepest() {
        return deepest;
    }

    private void startNext() {
        token = source.arm();
        TaskType.Task task = type.fromSource(source, token);
        boolean registered = switch (style) {
            case CONTINUATION -> source.onCompleted(SynchronousChain::resume, this, token);
            case AWAITER -> awaiter.onCompleted(task, SynchronousChain::resume, this);
            case EXECUTOR -> awaiter.onCompleted(task, SynchronousChain::resume, this, Runnable::run);
            case CONTEXT -> awaiter.onCompleted(task, SynchronousChain::resume, this,
                    ValueTaskSourceOnCompletedFlags.FLOW_EXECUTION_CONTEXT);
        };
        if (!registered) {
            throw new AssertionError("complete before it was completed");
        }
        source.complete(token, steps);
    }

    private void resume() {
        int result;
        try {
            result = style == Style.CONTINUATION ? source.getResult(token) : awaiter.result();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        if (result != steps) {
            throw new AssertionError("step " + result + " came where " + steps + " was due");
        }
        if (steps % 1_000 == 0) {
            deepest = Math.max(deepest, StackWalker.getInstance().walk(frames -> frames.count()));
        }
        if (++steps < length) {
            startNext();
        }
    }

    /** Runs every kind of chain; the caller gives the JVM a small stack. */
    public static void main(String[] arguments) {
        for (TaskType type : TaskType.values()) {
            for (Style style : Style.values()) {
                SynchronousChain chain = new SynchronousChain(type, style, style.length);
                System.out.println(type + " " + style + " " + chain.run());
            }
        }
    }

    @Override
    public String toString() {
        return "chain of " + length + ", " + type + " " + style;
    }
}
