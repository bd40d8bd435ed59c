package io.valuetask.perf.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** How to measure the same again from a fresh clone, however this run was started; without where its results went. */
final class MavenCommand {
    private static final Set<String> OUTPUTS = Set.of("--out", "--json");

    private MavenCommand() {}

    /**
     * Of a command line of the harness.
     *
     * @param arguments the name of the command, then its options
     */
    static String of(List<String> arguments) {
        String command = arguments.getFirst();
        List<String> options = new ArrayList<>();
        for (int i = 1; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (OUTPUTS.contains(argument)) {
                i++;
            } else if (!OUTPUTS.contains(argument.replaceFirst("=.*", ""))) {
                options.add(argument);
            }
        }
        String profile = command.equals("compare") ? "compare" : "echo";
        return "mvn -q -P" + profile + " verify -DskipTests"
                + (command.equals(profile) ? "" : " -Dperf.command=" + command)
                + (options.isEmpty() ? "" : " -D" + profile + ".args=\"" + String.join(" ", options) + "\"");
    }
}
