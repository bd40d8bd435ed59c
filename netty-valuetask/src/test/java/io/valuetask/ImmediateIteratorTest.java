package io.valuetask;

import io.valuetask.testing.Reachability;
import java.lang.ref.Reference;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** {@link AsyncIterator#of} and {@link AsyncIterator#fromIterable}. */
class ImmediateIteratorTest {
    @Test
    void of_noElements_isAtItsEnd() throws Exception {
        AsyncIterator<String> iterator = AsyncIterator.of();

        assertThat(iterator.moveNext().result()).isFalse();
        assertThat(iterator.moveNext().result()).isFalse();
    }

    @Test
    void moveNext_answersWithTheSharedHandles() throws Exception {
        AsyncIterator<String> iterator = AsyncIterator.of("a");

        assertThat((Object) iterator.moveNext()).isSameAs(ValueTask.completed(true));
        assertThat(iterator.current()).isEqualTo("a");
        assertThat((Object) iterator.moveNext()).isSameAs(ValueTask.completed(false));
    }

    @Test
    void of_copiesTheElements() throws Exception {
        String[] elements = {"a"};
        AsyncIterator<String> iterator = AsyncIterator.of(elements);

        elements[0] = "b";

        assertThat(iterator.iterable()).containsExactly("a");
    }

    @Test
    void current_whenThereIsNone_isMisuseThatTellsTheState() throws Exception {
        AsyncIterator<String> iterator = AsyncIterator.of("a");
        assertThatThrownBy(iterator::current).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("no current element")
                .hasMessageContaining("current=false, closed=false");
        iterator.moveNext().result();
        iterator.moveNext().result();
        assertThatThrownBy(iterator::current).isInstanceOf(ValueTaskMisuseException.class);
    }

    @Test
    void close_cancelsLaterMovesAndLeavesTheElementsToTheCaller() throws Exception {
        boolean[] released = new boolean[1];
        AutoCloseable element = () -> released[0] = true;
        AsyncIterator<AutoCloseable> iterator = AsyncIterator.of(element, element);
        iterator.moveNext().result();

        iterator.close().result();
        iterator.close().result();

        assertThat(iterator.current()).as("the consumer's").isSameAs(element);
        assertThatThrownBy(iterator.moveNext()::result).isInstanceOf(CancellationException.class);
        assertThat(released[0]).isFalse();
        assertThat(iterator).hasToString("AsyncIterator[current=false, closed=true, failure=null]");
    }

    @Test
    void moveNext_whenTheIterableThrows_failsAndIsNotAskedAgain() throws Exception {
        IllegalStateException failure = new IllegalStateException("broken");
        Iterator<String> breaking = new Iterator<>() {
            private int asked;

            @Override
            public boolean hasNext() {
                if (++asked == 2) {
                    throw failure;
                }
                return true;
            }

            @Override
            public String next() {
                return "a";
            }
        };
        AsyncIterator<String> iterator = AsyncIterator.fromIterable(() -> breaking);
        assertThat(iterator.moveNext().result()).isTrue();

        assertThatThrownBy(iterator.moveNext()::result).isSameAs(failure);
        assertThatThrownBy(iterator.moveNext()::result).isSameAs(failure);
        assertThatThrownBy(iterator::current).isInstanceOf(ValueTaskMisuseException.class)
                .hasMessageContaining("broken");
    }

    @Test
    void null_amongTheElements_isRefused() {
        List<String> elements = Arrays.asList("a", null);

        assertThatThrownBy(() -> AsyncIterator.of("a", null)).isInstanceOf(NullPointerException.class);
        Iterator<String> loop = AsyncIterator.fromIterable(elements).iterable().iterator();
        assertThat(loop.next()).isEqualTo("a");
        assertThatThrownBy(loop::next).isInstanceOf(NullPointerException.class).hasMessage("element");
    }

    @Test
    void close_letsGoOfTheElements() throws InterruptedException {
        List<AsyncIterator<Object>> iterators = new ArrayList<>();
        WeakReference<Object> elements = iterateOver(iterators);

        iterators.get(0).close();

        Reachability.awaitUnreachable(elements, "a closed iterator");
        Reference.reachabilityFence(iterators);
    }

    private static WeakReference<Object> iterateOver(List<AsyncIterator<Object>> iterators) {
        List<Object> elements = new ArrayList<>(List.of(new Object(), new Object()));
        iterators.add(AsyncIterator.fromIterable(elements));
        return new WeakReference<>(elements);
    }
}
