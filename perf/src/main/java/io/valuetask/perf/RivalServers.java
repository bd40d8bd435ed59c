package io.valuetask.perf;

import java.util.Map;

/** Servers to compare with that need libraries of their own; found on the class path as a service. */
public interface RivalServers {
    /**
     * The servers.
     *
     * @return by workload and name
     */
    Map<Workload, Map<String, ServerMain>> servers();
}
