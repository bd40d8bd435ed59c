package io.valuetask.netty;

import java.io.IOException;

/** The far side of a connection, whose every byte a test controls. Nothing of it waits for ever. */
interface Peer extends AutoCloseable {
    void send(byte[] bytes) throws IOException;

    /** Receives exactly that many bytes. */
    byte[] receive(int length) throws IOException;

    /** Receives what comes until the end of the stream. */
    byte[] receiveAll() throws IOException;

    /** Sends no more, and goes on receiving. */
    default void finish() throws IOException {
        throw new UnsupportedOperationException("the test is not for a medium without halves");
    }

    /** Closes with a reset in place of an orderly end. */
    default void reset() throws IOException {
        throw new UnsupportedOperationException("the test is not for a medium without a reset");
    }

    @Override
    void close() throws IOException;

    /** Runs what waits for the event loop, where that has no thread of its own. */
    default void turn() {}
}
