package io.valuetask.perf.load;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Loads a server and tells what its clients would have seen. {@code perf/README.md} says what the numbers mean.
 *
 * <p><b>Threading.</b> Starts event loops and ends them before it returns. <b>Ownership.</b> None. <b>Allocation.</b> Not
 * its concern; what it needs is in the result.
 */
@Command(name = "load", sortOptions = false, description = "Loads a server with echo or HTTP, in an open or a closed loop, and verifies every answer.", footerHeading = "%nExamples:%n", footer = {
    "  How long do 5,000 users per second wait, who come when they like?",
    "    load http://localhost:8080/ --rate 5000 --arrivals poisson",
    "  How much does the server do at most for 64 connections?",
    "    load http://localhost:8080/ --connections 64 --expect-body 'Hello!'",
    "  HTTP/2 over TLS, 20 streams on each of 4 connections, with a report:",
    "    load https://localhost:8443/ --http2 --connections 4 --pipelining 20 \\",
    "      --html report.html",
    "  An echo of 16 KiB to clients that read 64 KiB per second each:",
    "    load tcp://localhost:8007 --payload 16384 --slow-reader 65536 --rate 50",
    "  A new connection for each message, with its FIN before the answer:",
    "    load tcp://localhost:8007 --half-close",
    "  Two machines at once, taken together:",
    "    load ... --json a.json   (here)      load ... --json b.json   (there)",
    "    merge a.json b.json --html both.html", //
    "", //
    "An open loop shows how long a server that stalls makes others wait; a",
    "closed one asks it less meanwhile, and cannot. A run whose generator could",
    "not keep up is marked INVALID. TLS certificates are not verified.", //
    "", //
    "Exit status: 0 measured; 1 failed, INVALID or without a good answer;",
    "2 wrong arguments."})
public final class LoadCommand implements Callable<Integer> {
    @Mixin
    private LoadOptions options;

    @Mixin
    private LoadOutputs outputs;

    /** For picocli. */
    public LoadCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        options.check();
        try {
            LoadResult result = run();
            outputs.write(result, List.of(result));
            if (result.count(LoadCounter.OK) == 0) {
                throw new LoadFailure("there was no good answer: see what was counted");
            } else if (!result.isValid()) {
                throw new LoadFailure("the run is INVALID: " + String.join("; ", result.invalidBecause()));
            }
            return 0;
        } catch (LoadFailure failure) {
            System.err.println(failure.getMessage());
            return 1;
        }
    }

    private LoadResult run() throws LoadFailure, InterruptedException {
        try (LoadProgress progress = new LoadProgress(false)) {
            return new LoadRun(options, progress).run(true);
        }
    }
}
