package io.valuetask.perf.load;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/**
 * Takes results of {@code load --json} together: histograms and counters are summed, and the report shows each beside the
 * first.
 *
 * <p><b>Threading.</b> None. <b>Ownership.</b> None. <b>Allocation.</b> Not its concern.
 */
@Command(name = "merge", sortOptions = false, description = "Takes several results of 'load' together: runs one after the other, or machines at the same time.", footerHeading = "%nExamples:%n", footer = {
    "  Two machines that loaded a server at the same time: the rates add up.",
    "    merge a.json b.json --json both.json --html both.html",
    "  Two servers, one after the other: the report has ratio bars to the first.",
    "    merge raw.json ours.json --html compared.html", //
    "", //
    "Whether it was at the same time follows from the clocks, which should agree",
    "to a second. Open and closed loops are not merged.",
    "Exit status: 0 merged; 1 failed; 2 wrong arguments."})
public final class MergeCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "Results of 'load --json' or of 'merge --json'.")
    private List<Path> files;

    @Mixin
    private LoadOutputs outputs;

    /** For picocli. */
    public MergeCommand() {}

    @Override
    public Integer call() {
        try {
            List<LoadResult> results = new ArrayList<>();
            for (Path file : files) {
                results.add(LoadJson.read(file));
            }
            outputs.write(LoadMerge.merge(results), results);
            return 0;
        } catch (LoadFailure failure) {
            System.err.println(failure.getMessage());
            return 1;
        }
    }
}
