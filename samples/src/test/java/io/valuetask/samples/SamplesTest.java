package io.valuetask.samples;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

import static org.assertj.core.api.Assertions.assertThat;

/** Each sample by its own {@code main}, with the command its file begins with, against the output it ends with. */
@Timeout(60)
class SamplesTest {
    static List<SampleFile> samples() throws IOException {
        return SampleFile.all();
    }

    @ParameterizedTest
    @MethodSource("samples")
    void main_whenRunAsItsFileBegins_printsWhatItsFileEndsWith(SampleFile sample) throws Exception {
        if (sample.isServer()) {
            assertServerStarts(sample);
        } else if (sample.main() == Sample03EchoClient.class) {
            try (SampleJvm server = new SampleJvm(Sample01EchoServer.class, "0")) {
                assertPrints(sample, with(sample.arguments(), Integer.toString(server.port())));
            }
        } else {
            assertPrints(sample, sample.arguments());
        }
    }

    private static void assertServerStarts(SampleFile sample) throws Exception {
        List<String> arguments = with(sample.arguments(), "0");
        try (SampleJvm server = new SampleJvm(sample.main(), arguments.toArray(String[]::new))) {
            assertThat(server.port()).isPositive();
            server.terminate();
            assertThat(server.exitStatus(20)).isIn(0, 143);
        }
    }

    private static void assertPrints(SampleFile sample, List<String> arguments) throws Exception {
        try (SampleJvm demo = new SampleJvm(sample.main(), arguments.toArray(String[]::new))) {
            String printed = demo.remainingOutput();
            String errors = demo.errors();
            assertThat(SampleFile.masked(printed)).as("errors: %s", errors)
                    .isEqualTo(SampleFile.masked(sample.output()));
            assertThat(demo.exitStatus(20)).isZero();
        }
    }

    private static List<String> with(List<String> arguments, String last) {
        List<String> all = new ArrayList<>(arguments);
        all.add(last);
        return all;
    }

    @Test
    void launcher_listsEverySampleInTheOrderOfTheirNumbers() throws Exception {
        assertThat(new CommandLine(Samples.class).getSubcommands().keySet())
                .containsExactlyElementsOf(samples().stream().map(SampleFile::name).toList());
        assertThat(samples()).extracting(SampleFile::number).doesNotHaveDuplicates();
    }
}
