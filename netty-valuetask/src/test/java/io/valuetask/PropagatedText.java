package io.valuetask;

import io.micrometer.context.ContextRegistry;

/** A thread-local text that Micrometer's library propagates, until closed: what a trace is in an application. */
final class PropagatedText implements AutoCloseable {
    private final ThreadLocal<String> text = new ThreadLocal<>();

    PropagatedText() {
        ContextRegistry.getInstance().registerThreadLocalAccessor(key(), text);
    }

    private String key() {
        return "test." + System.identityHashCode(this);
    }

    /** What the calling thread has; null if nothing. */
    String get() {
        return text.get();
    }

    /** Gives the calling thread a text; null takes it away. */
    void set(String value) {
        if (value == null) {
            text.remove();
        } else {
            text.set(value);
        }
    }

    @Override
    public void close() {
        ContextRegistry.getInstance().removeThreadLocalAccessor(key());
    }
}
