package io.valuetask.samples;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

class TourTest {
    @Test
    void tour_hasARowForEverySample() throws Exception {
        String tour = Files.readString(Path.of("README.md"));
        for (SampleFile sample : SampleFile.all()) {
            assertThat(tour).contains("`" + sample.name() + "`")
                    .contains("(" + sample.path().toString().replace('\\', '/') + ")");
        }
    }
}
