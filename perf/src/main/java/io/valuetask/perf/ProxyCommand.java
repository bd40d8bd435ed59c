package io.valuetask.perf;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Compares proxies: starts each in a JVM of its own, sends one big transfer through each in turn, and prints how fast that
 * was and what it cost, beside the raw proxy measured in the same minutes.
 */
@Command(name = "proxy", sortOptions = false, description = "Compares a big transfer through proxies with a raw one.")
final class ProxyCommand implements Callable<Integer> {
    @Mixin
    ProxyOptions options;

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        Cpus cpus = Cpus.pin();
        try (ProxyConductor conductor = new ProxyConductor(options, cpus)) {
            List<ProxyRow> rows = conductor.run();
            System.out.print(ProxyReport.table(rows));
            System.out.print(ProxyReport.footnote(options, cpus, conductor));
            if (options.json != null) {
                EchoReport.writeJson(rows, options.json);
            }
            return 0;
        } catch (EchoFailure failure) {
            System.err.println(failure.getMessage());
            return 1;
        } catch (IOException failure) {
            System.err.println(options.json == null
                    ? "cannot listen: " + failure.getMessage()
                    : "cannot listen, or write " + options.json + ": " + failure.getMessage());
            return 1;
        }
    }
}
