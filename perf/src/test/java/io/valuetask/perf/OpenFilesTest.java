package io.valuetask.perf;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

class OpenFilesTest {
    @ParameterizedTest
    @CsvSource({"64, 1024", "824, 1024", "50000, 1000000"})
    void lacking_whenThereAreEnough_isNothing(long connections, long most) {
        assertThat(OpenFiles.lacking(connections, most)).isNull();
    }

    @Test
    void lacking_whenThereAreTooFew_saysHowManyAndWhatToDo() {
        assertThat(OpenFiles.lacking(50_000, 20_000))
                .isEqualTo("needs 50200 open files, and this process may have 20000: "
                        + "raise that with ulimit -n, before java starts");
    }

    @Test
    void most_isKnown() {
        assertThat(OpenFiles.most()).isPositive();
    }

    /** So many connections are open at once in no more than one server, and in the load. */
    @Test
    void tenThousandConnections_needNoMoreThanThoseOfOneServer() {
        EchoOptions options = Comparison.ECHO_10000.options(1, 0, 0.1);
        assertThat(OpenFiles.lacking(options.connections, 20_000)).isNull();
    }
}
