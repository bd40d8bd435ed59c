package io.valuetask.perf;

import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Servers that do not work, as modes of their own; found as a service on the class path of the tests alone. */
public final class BrokenServers implements RivalServers {
    static final String FAILS = "broken-fails";
    static final String MUTE = "broken-mute";

    @Override
    public Map<Workload, Map<String, ServerMain>> servers() {
        // HTTP, too: compare takes whatever that workload has.
        return Map.of(Workload.ECHO, Map.of(FAILS, BrokenServers::fail, MUTE, BrokenServers::neverListen),
                Workload.HTTP, Map.of(FAILS, BrokenServers::fail));
    }

    /** As a server does whose event loops are running when it finds that it cannot go on. */
    private static void fail(String... arguments) {
        Thread.ofPlatform().start(BrokenServers::neverListen);
        throw new IllegalStateException("there is no pigeon");
    }

    private static void neverListen(String... arguments) {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
