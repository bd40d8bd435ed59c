package io.valuetask;

import io.valuetask.testing.Beyond;
import io.valuetask.testing.Misuse;
import io.valuetask.testing.MisuseNotDetected;
import io.valuetask.testing.Row;
import io.valuetask.testing.RowNotApplicable;
import io.valuetask.testing.TestMethods;
import io.valuetask.testing.Usage;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Keeps {@code conformance.md} honest: what it lists has a test that says so, or a reason why there is none; and no test
 * claims what it does not list. Found in what was compiled, so that nobody has to keep a second list.
 */
class ConformanceIndexTest {
    private static final int LAST_ROW = 97;
    private static final int SHORTEST_REASON = 20;

    private static final Pattern LISTED = Pattern.compile("^\\| ([MBU]?\\d+) \\|", Pattern.MULTILINE);

    /** What a method or a class says about one entry of the page. */
    private record Claim(String entry, String place, String complaint) {}

    @Test
    void page_listsEachRowOnceAndInOrder() throws IOException {
        List<String> listed = listed();

        assertThat(listed.stream().filter(entry -> Character.isDigit(entry.charAt(0))))
                .containsExactlyElementsOf(numbered("", LAST_ROW));
        assertThat(listed).doesNotHaveDuplicates().containsAll(numbered("M", 19))
                .containsAll(numbered("B", 15)).containsAll(numbered("U", 17));
    }

    @Test
    void everyEntry_hasATestOrAReason() throws Exception {
        Set<String> claimed = claims().stream().map(Claim::entry).collect(Collectors.toSet());

        assertThat(listed().stream().filter(entry -> !claimed.contains(entry)))
                .as("neither tested nor explained").isEmpty();
    }

    @Test
    void everyClaim_isOfAListedEntryAndIsATestThatRuns() throws Exception {
        Set<String> listed = Set.copyOf(listed());

        assertThat(claims()).allSatisfy(claim -> {
            assertThat(claim.complaint()).as(claim.place()).isEmpty();
            assertThat(listed).as(claim.place()).contains(claim.entry());
        });
    }

    @Test
    void noEntry_isBothTestedAndExplainedAway() throws Exception {
        Map<String, Set<String>> places = new TreeMap<>();
        for (Claim claim : claims()) {
            places.computeIfAbsent(claim.entry(), entry -> new TreeSet<>())
                    .add(claim.place().contains("(") ? "test" : "reason");
        }
        assertThat(places.values()).as("%s", places).allMatch(kinds -> kinds.size() == 1);
    }

    // The index must be able to fail

    @RowNotApplicable(value = 1, reason = "too short")
    @MisuseNotDetected(value = "M1", reason = "a reason that is long enough to be one")
    private static final class Planted {
        @Row({2, 3})
        void row04_isNoneOfItsRows() {}

        @Row(5)
        @Test
        void row05_isATestInAClassThatNobodyRuns() {}
    }

    @Disabled("planted")
    static final class PlantedTest {
        @Misuse("M2")
        @Test
        void misuse_inADisabledClass() {}
    }

    @Test
    void claims_ofPlantedMistakes_haveComplaints() {
        List<Claim> planted = new ArrayList<>();
        collect(Planted.class, planted);
        collect(PlantedTest.class, planted);

        assertThat(planted).extracting(Claim::entry).containsExactlyInAnyOrder("1", "2", "3", "5", "M1",
                "M2");
        for (Claim claim : planted) {
            String expected = switch (claim.entry()) {
                case "1" -> "the reason is too short";
                case "2", "3" -> "the name starts with none of its rows, and it is not a test";
                case "5" -> "the class is not run";
                case "M1" -> "";
                default -> "it is disabled";
            };
            assertThat(claim.complaint()).as(claim.entry()).isEqualTo(expected);
        }
    }

    private static List<String> numbered(String prefix, int last) {
        return IntStream.rangeClosed(1, last).mapToObj(number -> prefix + number).toList();
    }

    private static List<String> listed() throws IOException {
        try (InputStream page = ConformanceIndexTest.class.getResourceAsStream("conformance.md")) {
            String text = new String(page.readAllBytes(), StandardCharsets.UTF_8);
            return LISTED.matcher(text).results().map(result -> result.group(1)).toList();
        }
    }

    private static List<Claim> claims() throws IOException, URISyntaxException, ClassNotFoundException {
        List<Claim> claims = new ArrayList<>();
        for (Class<?> type : TestMethods.classes()) {
            if (type.getEnclosingClass() != ConformanceIndexTest.class) {
                collect(type, claims);
            }
        }
        assertThat(claims).as("the tests were found at all").isNotEmpty();
        return claims;
    }

    private static void collect(Class<?> type, List<Claim> claims) {
        for (RowNotApplicable explained : type.getAnnotationsByType(RowNotApplicable.class)) {
            for (int row : explained.value()) {
                claims.add(explanation(Integer.toString(row), type, explained.reason()));
            }
        }
        for (MisuseNotDetected explained : type.getAnnotationsByType(MisuseNotDetected.class)) {
            claims.add(explanation(explained.value(), type, explained.reason()));
        }
        for (Method method : type.getDeclaredMethods()) {
            for (String entry : entriesOf(method)) {
                claims.add(new Claim(entry, method.toString(), complaintAbout(method, type)));
            }
        }
    }

    private static Claim explanation(String entry, Class<?> type, String reason) {
        return new Claim(entry, type.getName(),
                reason.length() < SHORTEST_REASON ? "the reason is too short" : "");
    }

    private static List<String> entriesOf(Method method) {
        List<String> entries = new ArrayList<>();
        if (method.isAnnotationPresent(Row.class)) {
            for (int row : method.getAnnotation(Row.class).value()) {
                entries.add(Integer.toString(row));
            }
        }
        if (method.isAnnotationPresent(Misuse.class)) {
            entries.addAll(List.of(method.getAnnotation(Misuse.class).value()));
        }
        if (method.isAnnotationPresent(Beyond.class)) {
            entries.addAll(List.of(method.getAnnotation(Beyond.class).value()));
        }
        if (method.isAnnotationPresent(Usage.class)) {
            entries.addAll(List.of(method.getAnnotation(Usage.class).value()));
        }
        return entries;
    }

    private static String complaintAbout(Method method, Class<?> type) {
        List<String> complaints = new ArrayList<>();
        if (method.isAnnotationPresent(Row.class) && IntStream.of(method.getAnnotation(Row.class).value())
                .noneMatch(row -> method.getName().startsWith("row%02d_".formatted(row)))) {
            complaints.add("the name starts with none of its rows");
        }
        String notRun = TestMethods.complaintAbout(method, type);
        if (!notRun.isEmpty()) {
            complaints.add(notRun);
        }
        return String.join(", and ", complaints);
    }
}
