package io.valuetask.netty;

import io.valuetask.testing.TestMethods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Keeps the table of features on the page of this package honest: each row names tests that run, or says "not yet". */
class FeatureIndexTest {
    private static final Path PAGE = Path.of("src/test/java/io/valuetask/netty/package-info.java");
    private static final int LAST_ROW = 47;
    private static final List<Integer> NOT_YET = List.of();

    private static final Pattern ROW = Pattern
            .compile("<tr><td>(\\d+)</td><td>([^<]+)</td> <td>([^<]+)</td> <td>([^<]*)</td></tr>");
    /** The class is that of the test before where it is left out. */
    private static final Pattern NAMED = Pattern.compile("(\\w*)#(\\w+)");

    private record Feature(int number, String here, String tests) {
        static Feature of(MatchResult row) {
            return new Feature(Integer.parseInt(row.group(1)), row.group(3), row.group(4));
        }

        boolean isNotYet() {
            return here.equals("not yet");
        }
    }

    @Test
    void page_listsEachFeatureOnceAndInOrder() throws IOException {
        assertThat(features()).extracting(Feature::number)
                .containsExactlyElementsOf(IntStream.rangeClosed(1, LAST_ROW).boxed().toList());
    }

    @Test
    void everyFeature_namesTestsThatRunUnlessItIsStillToBeBuilt() throws Exception {
        Map<String, Class<?>> classes = testClasses();

        assertThat(features()).allSatisfy(feature -> assertThat(complaints(feature.tests(), classes))
                .as("of row %s", feature.number())
                .isEqualTo(feature.isNotYet() ? List.of("no test") : List.of()));
        assertThat(features().stream().filter(Feature::isNotYet)).extracting(Feature::number)
                .containsExactlyElementsOf(NOT_YET);
    }

    // The index must be able to fail

    @Disabled("planted")
    static final class PlantedTest {
        @Test
        void test_inADisabledClass() {}

        void method_thatIsNoTest() {}
    }

    @Test
    void complaints_aboutPlantedMistakes_nameThem() {
        Map<String, Class<?>> classes = Map.of("PlantedTest", PlantedTest.class, "ChannelReadTest",
                ChannelReadTest.class);

        assertThat(complaints("", classes)).containsExactly("no test");
        assertThat(complaints("MissingTest#any", classes)).containsExactly("MissingTest: no such class");
        assertThat(complaints("ChannelReadTest#read, PlantedTest#method_thatIsNoTest, #test_inADisabledClass",
                classes))
                .containsExactly("ChannelReadTest#read: no such method",
                        "PlantedTest#method_thatIsNoTest: it is not a test",
                        "PlantedTest#test_inADisabledClass: it is disabled");
    }

    private static List<Feature> features() throws IOException {
        String text = Files.readAllLines(PAGE).stream().map(line -> line.replaceFirst("^ \\* ?", ""))
                .collect(Collectors.joining(" "));
        return ROW.matcher(text).results().map(Feature::of).toList();
    }

    private static Map<String, Class<?>> testClasses() throws Exception {
        return TestMethods.classes().stream().filter(type -> type.getEnclosingClass() == null)
                .filter(type -> type.getSimpleName().endsWith("Test"))
                .collect(Collectors.toMap(Class::getSimpleName, type -> type));
    }

    private static List<String> complaints(String tests, Map<String, Class<?>> classes) {
        List<String> complaints = new ArrayList<>();
        String name = "";
        int named = 0;
        for (MatchResult test : NAMED.matcher(tests).results().toList()) {
            name = test.group(1).isEmpty() ? name : test.group(1);
            String complaint = complaint(name, test.group(2), classes);
            if (!complaint.isEmpty()) {
                complaints.add(complaint);
            }
            named++;
        }
        return named == 0 ? List.of("no test") : complaints;
    }

    private static String complaint(String name, String test, Map<String, Class<?>> classes) {
        Class<?> type = classes.get(name);
        if (type == null) {
            return name + ": no such class";
        }
        String complaint = Arrays.stream(type.getDeclaredMethods())
                .filter(method -> method.getName().equals(test)).findFirst()
                .map(method -> TestMethods.complaintAbout(method, type)).orElse("no such method");
        return complaint.isEmpty() ? "" : name + "#" + test + ": " + complaint;
    }
}
