package io.valuetask.perf.report;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** All recorded runs of a directory. */
final class Report {
    private final List<RecordedRun> runs = new ArrayList<>();
    private final Map<String, String> charts = new LinkedHashMap<>();

    private Report() {}

    static Report read(Path results) throws ReportFailure {
        Report report = new Report();
        Map<String, Path> origins = new LinkedHashMap<>();
        for (Path file : files(results, "*.json")) {
            RecordedRun run = RecordedRun.read(file);
            report.runs.add(run);
            for (RecordedRun.Section section : run.sections()) {
                Path other = origins.put(section.name(), file);
                if (other != null) {
                    throw new ReportFailure(other + " and " + file + " both have the section "
                            + section.name() + ", and there is one chart for it; take one of them away");
                }
                report.charts.put(section.name() + ".svg", SectionChart.of(run, section).standAlone());
            }
        }
        if (report.runs.isEmpty()) {
            throw new ReportFailure("there is no recorded run in " + results
                    + "; record one with 'compare --out' or 'idle --json'");
        }
        return report;
    }

    List<RecordedRun> runs() {
        return runs;
    }

    /** By the names of their files. */
    Map<String, String> charts() {
        return charts;
    }

    /** Writes them, and takes away those that no run has any more. */
    void writeCharts(Path directory) throws IOException, ReportFailure {
        Files.createDirectories(directory);
        for (Path old : files(directory, "*.svg")) {
            if (!charts.containsKey(old.getFileName().toString())) {
                Files.delete(old);
            }
        }
        for (Map.Entry<String, String> chart : charts.entrySet()) {
            Files.writeString(directory.resolve(chart.getKey()), chart.getValue());
        }
    }

    /** By name, so that a report is the same on every system. */
    static List<Path> files(Path directory, String glob) throws ReportFailure {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(directory, glob)) {
            TreeSet<Path> sorted = new TreeSet<>();
            found.forEach(sorted::add);
            return List.copyOf(sorted);
        } catch (IOException unreadable) {
            throw new ReportFailure("cannot look into the directory " + directory + ": " + unreadable,
                    unreadable);
        }
    }
}
