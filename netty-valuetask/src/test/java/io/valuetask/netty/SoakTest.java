package io.valuetask.netty;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;

/** A few seconds of the soak, so that it stays alive. */
class SoakTest {
    @Test
    @Timeout(120)
    void soak_ofAFewSeconds_leavesNothingBehind() throws Exception {
        SoakReport report = new Soak(Duration.ofSeconds(5), Duration.ofSeconds(2),
                Soak.everyScheduling(), System.out).run();

        System.out.println(report);
        assertThat(report.problems()).isEmpty();
    }
}
