package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.lang.ref.WeakReference;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * After consumption a source refers to nothing of the operation. A connection lives long; what its sources held on to
 * would be a leak that no detector sees.
 */
class RetentionTest {
    private final ManualResetValueTaskSource<Object> source = new ManualResetValueTaskSource<>();
    private final List<WeakReference<Object>> watched = new ArrayList<>();

    @Test
    void getResult_ofASuccess_leavesNothingBehind() throws Exception {
        succeedAndConsume();
        assertNothingIsRetained(3);
    }

    private void succeedAndConsume() throws IOException {
        long token = source.arm();
        source.onCompleted(watch(capturing(new Object())), watch(new Object()), token, 0);
        source.complete(token, watch(new Object()));
        assertThat(source.getResult(token)).isNotNull();
    }

    @Test
    void getResult_ofAFailure_leavesNothingBehind() throws Exception {
        failAndConsume();
        assertNothingIsRetained(3);
    }

    private void failAndConsume() {
        long token = source.arm();
        source.onCompleted(watch(capturing(new Object())), watch(new Object()), token, 0);
        source.completeExceptionally(token, watch(new IOException()));
        assertThatThrownBy(() -> source.getResult(token)).isInstanceOf(IOException.class);
    }

    @Test
    void refusedCalls_leaveNothingBehind() throws Exception {
        refuseEverything();
        assertNothingIsRetained(5);
    }

    private void refuseEverything() throws IOException {
        long token = source.arm();
        source.complete(token, "result");
        source.tryComplete(token, watch(new Object()));
        source.tryCompleteExceptionally(token, watch(new IOException()));
        source.onCompleted(watch(capturing(new Object())), watch(new Object()), token, 0);
        assertThatThrownBy(() -> source.onCompleted(state -> {}, watch(new Object()), token, 0))
                .isInstanceOf(ValueTaskMisuseException.class);
        source.getResult(token);
    }

    @ParameterizedTest
    @EnumSource(BackgroundCall.Kind.class)
    void await_leavesTheThreadNotBehind(BackgroundCall.Kind kind) throws Throwable {
        awaitOnAThread(kind);
        assertNothingIsRetained(2);
    }

    private void awaitOnAThread(BackgroundCall.Kind kind) throws Throwable {
        long token = source.arm();
        BackgroundCall<Object> call = BackgroundCall.start(kind,
                () -> ValueTask.fromSource(source, token).await());
        call.awaitParked();
        watch(call.thread());
        source.complete(token, watch(new Object()));
        assertThat(call.result()).isNotNull();
    }

    /** A lambda that captures is a new object, which can be watched. */
    private static Consumer<Object> capturing(Object captured) {
        return state -> captured.hashCode();
    }

    private <T> T watch(T object) {
        watched.add(new WeakReference<>(object));
        return object;
    }

    private void assertNothingIsRetained(int objects) throws Exception {
        for (Class<?> type = source.getClass(); type != Object.class; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
                    field.setAccessible(true);
                    assertThat(field.get(source)).as(field.getName()).isNull();
                }
            }
        }
        assertThat(watched).hasSize(objects);
        long deadline = System.nanoTime() + 10_000_000_000L;
        do {
            System.gc();
            if (watched.stream().allMatch(reference -> reference.refersTo(null))) {
                return;
            }
            Thread.sleep(10); // a terminated thread leaves the VM's own lists in its own time
        } while (System.nanoTime() < deadline);
        throw new AssertionError("still reachable: " + watched.stream().map(WeakReference::get).toList());
    }
}
