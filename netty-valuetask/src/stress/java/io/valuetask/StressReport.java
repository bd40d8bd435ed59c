package io.valuetask;

import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.openjdk.jcstress.JCStress;
import org.openjdk.jcstress.Options;
import org.openjdk.jcstress.annotations.Expect;
import org.openjdk.jcstress.infra.Status;
import org.openjdk.jcstress.infra.collectors.DiskReadCollector;
import org.openjdk.jcstress.infra.collectors.InProcessCollector;
import org.openjdk.jcstress.infra.collectors.TestResult;
import org.openjdk.jcstress.infra.grading.GradingResult;
import org.openjdk.jcstress.infra.grading.ReportUtils;

/**
 * Runs the stress tests and judges them: a real test must never show a forbidden outcome, and its broken twin
 * must show one, or the test proves nothing.
 *
 * <p>jcstress itself knows only the first half. So this reads what jcstress recorded, prints one table, and exits
 * non-zero also when a twin stays inconspicuous, when a test did not run, or when a forked JVM failed.
 */
final class StressReport {
    /** Twins are the nested classes named so. What they must show is marked ACCEPTABLE_INTERESTING. */
    private static final String TWIN_PREFIX = "Broken";

    private static final String QUICK = "quick";

    /** On a busy machine a race is rarer. A twin that stays silent gets more time, but not for ever. */
    private static final int EXTRA_ROUNDS = 2;

    /** Misuse is an outcome here, and its stack trace would cost more time than everything else. */
    private static final String FORK_FLAGS = "-XX:-StackTraceInThrowable";

    private static final String ROW = "%-28s %-26s %14s %14s  %-9s %s%n";

    private StressReport() {}

    /** The first argument is the mode, see {@link #run}; the others are for jcstress. */
    public static void main(String[] args) throws Exception {
        long start = System.nanoTime();
        List<String> wanted = Arrays.asList(args).subList(1, args.length);
        List<TestResult> raw = new ArrayList<>();
        Set<String> tests = run(args[0], wanted, raw);
        Map<String, TestResult> results = merge(raw);
        for (int i = 0; i < EXTRA_ROUNDS && !silentTwins(results).isEmpty(); i++) {
            String again = "^(" + String.join("|", silentTwins(results)) + ")$";
            run(QUICK, List.of("-t", again, "-time", "4000"), raw);
            results = merge(raw);
        }

        try (PrintStream file = new PrintStream("outcomes.txt", StandardCharsets.UTF_8)) {
            results.forEach((name, result) -> file.println(name + describe(result)));
        }
        System.out.printf("jcstress mode=%s, %d s, JDK %s, %s %s, %d processors%n", args[0],
                (System.nanoTime() - start) / 1_000_000_000, Runtime.version(), System.getProperty("os.name"),
                System.getProperty("os.arch"), Runtime.getRuntime().availableProcessors());
        System.out.printf(ROW, "test", "", "observations", "forbidden", "seen", "expectation");
        List<String> complaints = new ArrayList<>();
        if (tests.isEmpty()) {
            complaints.add("no test matches " + wanted);
        }
        for (String name : tests) {
            judge(name, results.get(name), complaints);
        }
        complaints.forEach(System.out::println);
        System.exit(complaints.isEmpty() ? 0 : 1);
    }

    /**
     * Quick: one JVM per test, all actors compiled alike, more than a second and a half. Every other mode is a preset of jcstress
     * and runs each test in all combinations of interpreter, C1 and C2, also with C2's randomized scheduling of
     * instructions. The flags of this JVM are handed on to the forked ones.
     *
     * @return the tests that should have run; what was observed is added to {@code results}
     */
    private static Set<String> run(String mode, List<String> more, List<TestResult> results)
            throws Exception {
        List<String> all = new ArrayList<>(List.of("-m", mode, "-r", "report"));
        if (mode.equals(QUICK)) {
            all.addAll(List.of("-jvmArgs", FORK_FLAGS, "-sc", "false", "-f", "1", "-iters", "4"));
            if (!more.contains("-time")) {
                all.addAll(List.of("-time", "400"));
            }
        } else {
            all.addAll(List.of("-jvmArgsPrepend", FORK_FLAGS));
        }
        all.addAll(more);

        PrintStream console = System.out;
        // jcstress prints thousands of lines; they belong into a file beside its HTML pages.
        try (PrintStream log = new PrintStream(new FileOutputStream("console.txt", !results.isEmpty()), true,
                StandardCharsets.UTF_8)) {
            System.setOut(log);
            Options options = new Options(all.toArray(String[]::new));
            if (!options.parse()) {
                throw new IllegalArgumentException(all.toString());
            }
            JCStress jcstress = new JCStress(options);
            try {
                jcstress.run();
            } catch (AssertionError failures) {
                // Its way to say that a test failed, after it wrote everything down.
                log.println(failures);
            }
            InProcessCollector collector = new InProcessCollector();
            DiskReadCollector reader = new DiskReadCollector(options.getResultFile(), collector);
            reader.dump();
            reader.close();
            results.addAll(collector.getTestResults());
            return jcstress.getTests();
        } finally {
            System.setOut(console);
        }
    }

    private static Map<String, TestResult> merge(List<TestResult> raw) {
        Map<String, TestResult> byName = new TreeMap<>();
        ReportUtils.mergedByName(raw).forEach(result -> byName.put(result.getName(), result));
        return byName;
    }

    private static List<String> silentTwins(Map<String, TestResult> results) {
        return results.values().stream().filter(r -> isTwin(r.getName()) && r.status() == Status.NORMAL)
                .filter(r -> !r.grading().hasInteresting).map(TestResult::getName).toList();
    }

    private static boolean isTwin(String name) {
        return name.substring(name.lastIndexOf('.') + 1).startsWith(TWIN_PREFIX);
    }

    private static void judge(String name, TestResult result, List<String> complaints) {
        String[] parts = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1).split("\\.");
        boolean twin = isTwin(name);
        String verdict = result == null ? "NOT RUN" : verdict(result, twin);
        long observations = result == null ? 0 : result.getTotalCount();
        long forbidden = result == null ? 0 : count(result, twin);
        System.out.printf(ROW, parts[0], parts[1], "%,d".formatted(observations), "%,d".formatted(forbidden),
                forbidden > 0 ? "yes" : "no", verdict.equals("met") ? verdict + unseen(result) : verdict);
        if (!verdict.equals("met")) {
            complaints.add(name + ": " + verdict + describe(result));
        }
    }

    private static String verdict(TestResult result, boolean twin) {
        if (result.status() != Status.NORMAL) {
            return "FAILED TO RUN: " + result.status();
        } else if (!result.grading().isPassed) {
            return twin ? "NOT MET: an outcome that its description does not know" : "NOT MET: forbidden";
        } else if (twin && !result.grading().hasInteresting) {
            return "NOT MET: the twin did not show its forbidden outcome";
        }
        return result.getTotalCount() == 0 ? "NOT MET: no observation" : "met";
    }

    /** A test that did not get into every corner has proved the less; no failure, since time may help. */
    private static String unseen(TestResult result) {
        StringBuilder text = new StringBuilder();
        for (GradingResult g : result.grading().gradingResults.values()) {
            if (g.expect == Expect.ACCEPTABLE && g.count == 0) {
                text.append("; never seen: ").append(g.description);
            }
        }
        return text.toString();
    }

    private static long count(TestResult result, boolean twin) {
        return result.grading().gradingResults.values().stream()
                .filter(g -> twin ? g.expect == Expect.ACCEPTABLE_INTERESTING : g.expect != Expect.ACCEPTABLE)
                .mapToLong(g -> g.count).sum();
    }

    private static String describe(TestResult result) {
        StringBuilder text = new StringBuilder();
        if (result != null) {
            for (GradingResult g : result.grading().gradingResults.values()) {
                text.append("%n    %,14d  %-24s %s: %s".formatted(g.count, g.expect, g.id, g.description));
            }
            result.getMessages().forEach(m -> text.append("%n    ".formatted()).append(m));
        }
        return text.toString();
    }
}
