package io.valuetask.perf;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Compares echo servers: starts each in a JVM of its own, drives them in turn, and prints what a round trip
 * costs in each, beside the raw handler measured in the same minutes.
 */
@Command(name = "echo", sortOptions = false, description = "Compares echo servers with a raw handler.")
final class EchoCommand implements Callable<Integer> {
    @Mixin
    EchoOptions options;

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        Cpus cpus = Cpus.pin();
        try (EchoConductor conductor = new EchoConductor(options, cpus)) {
            List<EchoRow> rows = conductor.run();
            System.out.print(EchoReport.table(rows));
            System.out.print(EchoReport.footnote(options, cpus, conductor));
            if (options.json != null) {
                EchoReport.writeJson(rows, options.json);
            }
            return 0;
        } catch (EchoFailure failure) {
            System.err.println(failure.getMessage());
            return 1;
        } catch (IOException failure) {
            System.err.println("cannot write " + options.json + ": " + failure.getMessage());
            return 1;
        }
    }
}
