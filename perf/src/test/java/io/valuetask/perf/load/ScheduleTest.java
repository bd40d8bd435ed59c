package io.valuetask.perf.load;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

class ScheduleTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void next_constantRate_isExactAndDoesNotDrift() {
        Schedule schedule = Schedule.constant(3000, 0, 0, 1);
        for (long i = 0; i < 1_000_000; i++) {
            assertThat(schedule.next()).isEqualTo(Math.round(i * 1e9 / 3000));
        }
    }

    @Test
    void next_twoLoops_takeTurns() {
        Schedule even = Schedule.constant(1000, 0, 0, 2);
        Schedule odd = Schedule.constant(1000, 0, 1, 2);
        for (long i = 0; i < 1000; i++) {
            assertThat(even.next()).isEqualTo(2 * i * 1_000_000);
            assertThat(odd.next()).isEqualTo((2 * i + 1) * 1_000_000);
        }
    }

    @Test
    void next_ramp_growsFromNothingToTheRate() {
        Schedule schedule = Schedule.constant(1000, 2 * SECOND, 0, 1);
        long inFirstHalf = 0;
        long inRamp = 0;
        long last = -1;
        for (long time; (time = schedule.next()) < 3 * SECOND;) {
            assertThat(time).isGreaterThan(last);
            last = time;
            inFirstHalf += time < SECOND ? 1 : 0;
            inRamp += time < 2 * SECOND ? 1 : 0;
        }
        assertThat(inFirstHalf).isEqualTo(250);
        assertThat(inRamp).isEqualTo(1000);
        assertThat(last).isEqualTo(3 * SECOND - SECOND / 1000);
    }

    @Test
    void next_poisson_hasMeanAndSpreadOfTheExponentialDistribution() {
        Schedule schedule = Schedule.poisson(1000, 0, 1, new SplittableRandom(7));
        int count = 200_000;
        double sum = 0;
        double squares = 0;
        long last = 0;
        for (int i = 0; i < count; i++) {
            long time = schedule.next();
            double gap = (time - last) / 1e6;
            last = time;
            sum += gap;
            squares += gap * gap;
        }
        double mean = sum / count;
        assertThat(mean).isCloseTo(1, within(0.01));
        assertThat(Math.sqrt(squares / count - mean * mean)).isCloseTo(1, within(0.02));
    }

    @Test
    void next_poissonOfTwoLoops_haveTheRateTogether() {
        Schedule one = Schedule.poisson(1000, 0, 2, new SplittableRandom(1));
        Schedule other = Schedule.poisson(1000, 0, 2, new SplittableRandom(2));
        long count = 0;
        for (Schedule schedule : new Schedule[]{one, other}) {
            while (schedule.next() < 100 * SECOND) {
                count++;
            }
        }
        assertThat(count).isCloseTo(100_000, within(1500L));
    }

    @Test
    void next_poissonWithTheSameSeed_isTheSame() {
        Schedule one = Schedule.poisson(1000, SECOND, 1, new SplittableRandom(5));
        Schedule same = Schedule.poisson(1000, SECOND, 1, new SplittableRandom(5));
        for (int i = 0; i < 1000; i++) {
            assertThat(one.next()).isEqualTo(same.next());
        }
    }
}
