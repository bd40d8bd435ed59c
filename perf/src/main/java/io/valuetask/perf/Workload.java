package io.valuetask.perf;

import java.util.Locale;

/** What all servers of a comparison do. */
public enum Workload {
    /** Send back every byte. */
    ECHO,
    /** Answer {@code GET /plaintext} with a few words. */
    HTTP,
    /** Answer {@code GET /stream} part by part. */
    HTTP_STREAM,
    /** Pass on to a backend what a client sends. */
    PROXY;

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
