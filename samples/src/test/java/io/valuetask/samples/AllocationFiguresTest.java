package io.valuetask.samples;

import java.io.IOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The samples that print what they allocate: the figures that they are there to show. */
@Timeout(60)
class AllocationFiguresTest {
    private static final Pattern FIGURE = Pattern.compile("(\\d+\\.\\d\\d) bytes of heap");

    @Test
    void singleBytes_whenReadAsInts_allocateNothing() throws Exception {
        List<Double> figures = figuresOf(Sample09BufferedBytes.class);
        assertThat(figures).hasSize(3);
        assertThat(figures.get(0)).as("ints").isLessThan(1);
        assertThat(figures.get(1)).as("boxes, for the half that is not cached").isBetween(4.0, 40.0);
        assertThat(figures.get(2)).as("futures").isGreaterThan(16);
    }

    @Test
    void readsInMemory_whenTheirLengthsVary_costAFutureEachAndNoValueTask() throws Exception {
        List<Double> figures = figuresOf(Sample10MemoryStreams.class);
        assertThat(figures).hasSize(4);
        assertThat(figures.get(1)).as("value tasks").isLessThan(1);
        assertThat(figures.get(2)).as("futures of varying lengths").isGreaterThan(16);
        assertThat(figures.get(3)).as("value tasks of varying lengths").isLessThan(1);
    }

    private static List<Double> figuresOf(Class<?> sample) throws Exception {
        try (SampleJvm demo = new SampleJvm(sample)) {
            Matcher figures = FIGURE.matcher(demo.remainingOutput());
            return figures.results().map(figure -> Double.valueOf(figure.group(1))).toList();
        }
    }

    @Test
    void memoryStreams_whenReadToTheEndAndClosed_answerAlike() throws Exception {
        byte[] content = {1, 2, 3, 4, 5};
        var futures = new Sample10MemoryStreams.FutureStream(content);
        var valueTasks = new Sample10MemoryStreams.ValueTaskStream(content);
        byte[] read = new byte[4];
        for (int expected : new int[]{2, 2, 1, -1, -1}) {
            assertThat(futures.read(read, 0, 2).get()).isEqualTo(expected);
            assertThat(valueTasks.read(read, 2, 2).await()).isEqualTo(expected);
        }
        assertThat(read).containsExactly(5, 4, 5, 4);
        futures.close();
        valueTasks.close();
        assertThatThrownBy(() -> futures.read(read, 0, 2).get()).hasCauseInstanceOf(IOException.class);
        assertThatThrownBy(() -> valueTasks.read(read, 0, 2).await()).isInstanceOf(IOException.class);
    }
}
