package io.valuetask.perf.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Everything that one command has measured, as a file: what a chart shows, and what has to be known to measure it again.
 *
 * @param format {@value #FORMAT}
 * @param date of the run's beginning, UTC
 * @param command that measures the same
 * @param environment JDK, flags, Netty, machine with its kernel, commit
 * @param sections one for each workload
 */
public record RecordedRun(String format, String date, String command, Map<String, String> environment,
        List<Section> sections) {
    static final String FORMAT = "netty-valuetask-run-1";

    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

    /**
     * What is compared with each other.
     *
     * @param name of the workload, and of its chart's file
     * @param title the same for people
     * @param load how it was driven
     * @param serverFlags of each server's JVM
     * @param rows one for each mode, raw first, with the keys of README.md
     */
    public record Section(String name, String title, String load, List<String> serverFlags,
            List<JsonNode> rows) {
        /** With rows of any record. */
        public static Section of(String name, String title, String load, List<String> serverFlags,
                List<?> rows) {
            return new Section(name, title, load, List.copyOf(serverFlags),
                    rows.stream().map(MAPPER::<JsonNode>valueToTree).toList());
        }
    }

    /**
     * A run that begins now.
     *
     * @param arguments the harness's command line
     * @param processors how many, and who runs on which
     */
    public static RecordedRun begin(List<String> arguments, String processors) {
        return new RecordedRun(FORMAT, LocalDate.now(ZoneOffset.UTC).toString(), MavenCommand.of(arguments),
                Environment.here(processors), List.of());
    }

    /** The same, and one more. */
    public RecordedRun with(Section section) {
        List<Section> more = new ArrayList<>(sections);
        more.add(section);
        return new RecordedRun(format, date, command, environment, more);
    }

    /** Writes it, and makes its directory where there is none. */
    public void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, MAPPER.writeValueAsString(this).replace(System.lineSeparator(), "\n") + "\n");
    }

    static RecordedRun read(Path file) throws ReportFailure {
        try {
            JsonNode root = MAPPER.readTree(file.toFile());
            if (!root.path("format").asText().equals(FORMAT)) {
                throw new ReportFailure(file + " is no recorded run (format: "
                        + root.path("format").asText("none") + ", expected: " + FORMAT
                        + "); record one with 'compare --out' or 'idle --json', or take the file away");
            }
            RecordedRun run = MAPPER.treeToValue(root, RecordedRun.class);
            run.check(file);
            return run;
        } catch (JsonProcessingException wrong) {
            throw new ReportFailure(file + " is no recorded run: " + wrong.getOriginalMessage()
                    + "; record it again with the command in it", wrong);
        } catch (IOException unreadable) {
            throw new ReportFailure("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private void check(Path file) throws ReportFailure {
        for (Section section : sections) {
            boolean rawFirst = !section.rows.isEmpty()
                    && section.rows.getFirst().path("mode").asText().equals("raw");
            if (!rawFirst) {
                throw new ReportFailure(file + ", section " + section.name
                        + ": the first row is not that of raw, with which the others are compared;"
                        + " record it again with the command in it");
            }
            if (Measure.charted(section).isEmpty()) {
                throw new ReportFailure(file + ", section " + section.name
                        + ": nothing in it can be drawn; each row needs one of " + Measure.chartedKeys());
            }
        }
    }
}
