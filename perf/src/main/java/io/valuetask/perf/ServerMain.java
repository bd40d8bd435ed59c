package io.valuetask.perf;

/** Starts a server and returns once it has printed {@code listening on port N}. */
@FunctionalInterface
public interface ServerMain {
    /**
     * Starts the server.
     *
     * @param arguments the port, which is 0 for any, {@code --loops N}, {@code --transport nio|epoll}, and {@code --tls}
     *        where connections are to be encrypted
     * @throws Exception if it cannot
     */
    void start(String... arguments) throws Exception;
}
