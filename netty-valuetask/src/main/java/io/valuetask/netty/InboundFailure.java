package io.valuetask.netty;

import java.io.IOException;

/** A failure that the pipeline reported, in its place among the messages: it follows what came before it. */
record InboundFailure(Throwable cause) {
    @SuppressWarnings("unchecked")
    static <I> I messageOrThrow(Object element) throws IOException {
        if (element instanceof InboundFailure failure) {
            throw InboundFailure.<RuntimeException>unchanged(failure.cause);
        }
        return (I) element;
    }

    /** Throws {@code failure} itself, checked or not. */
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    static <E extends Throwable> RuntimeException unchanged(Throwable failure) throws E {
        throw (E) failure;
    }
}
