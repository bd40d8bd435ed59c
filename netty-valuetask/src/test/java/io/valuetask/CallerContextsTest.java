package io.valuetask;

import java.util.List;
import java.util.concurrent.Executor;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Several providers answer as one. */
class CallerContextsTest {
    private record Answering(Executor currentExecutor, RuntimeException objection) implements CallerContext {
        @Override
        public void checkMayBlock() {
            if (objection != null) {
                throw objection;
            }
        }
    }

    private final Executor first = Runnable::run;
    private final Executor second = Runnable::run;
    private final RuntimeException objection = new IllegalStateException("not this thread");

    @Test
    void combined_withoutProviders_letsEveryThreadBlock() {
        CallerContext none = CallerContexts.combine(List.of());

        assertThatCode(none::checkMayBlock).doesNotThrowAnyException();
        assertThat(none.currentExecutor()).isNull();
    }

    @Test
    void checkMayBlock_whenAnyProviderObjects_throwsItsObjection() {
        CallerContext content = new Answering(null, null);
        CallerContext objecting = new Answering(null, objection);

        assertThatThrownBy(CallerContexts.combine(List.of(content, objecting))::checkMayBlock)
                .isSameAs(objection);
        assertThatThrownBy(CallerContexts.combine(List.of(objecting, content))::checkMayBlock)
                .isSameAs(objection);
        assertThatCode(CallerContexts.combine(List.of(content, content))::checkMayBlock)
                .doesNotThrowAnyException();
    }

    @Test
    void currentExecutor_isTheFirstThatIsKnown() {
        CallerContext ignorant = new Answering(null, null);
        CallerContext ofFirst = new Answering(first, null);
        CallerContext ofSecond = new Answering(second, null);

        assertThat(CallerContexts.combine(List.of(ignorant, ofSecond, ofFirst)).currentExecutor())
                .isSameAs(second);
        assertThat(CallerContexts.combine(List.of(ofFirst)).currentExecutor()).isSameAs(first);
        assertThat(CallerContexts.combine(List.of(ignorant, ignorant)).currentExecutor()).isNull();
    }
}
