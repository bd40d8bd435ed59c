package io.valuetask;

import io.valuetask.testing.BackgroundCall;
import io.valuetask.testing.ForkedJvm;
import io.valuetask.testing.Reachability;
import java.lang.ref.WeakReference;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** With {@code io.valuetask.debug=true}, which is read once and so takes a JVM of its own, misuse names the others. */
class OperationTraceTest {
    @Test
    void misuse_whenDebugIsOff_hasNoPlaces() {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        source.arm();

        assertThat(OperationTrace.ON).isFalse();
        assertThat(Debugged.told(source::arm)).isEmpty();
    }

    @Test
    @Timeout(120)
    void misuse_whenDebugIsOn_hasThePlacesOfTheOthers() throws Exception {
        String printed = new ForkedJvm().with("-Dio.valuetask.debug=true").run(Debugged.class);

        assertThat(printed.lines()).contains("all was told");
    }

    /** What the other JVM runs. */
    static final class Debugged {
        private static final String STARTED = "the operation with token=1 was started here, by thread=main, in start";
        private static final String TAKEN = "the operation with token=1 was taken here, by thread=background-call, "
                + "in await";

        private final ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();

        public static void main(String[] arguments) throws Throwable {
            new Debugged().aSecondStart_isToldOfTheFirstAndItsWaiter();
            new Debugged().aSecondCompletion_isToldOfTheFirst();
            new Debugged().whoComesLate_isToldWhoTookTheResult();
            System.out.println("all was told");
        }

        private void aSecondStart_isToldOfTheFirstAndItsWaiter() throws Throwable {
            long token = start();
            BackgroundCall<String> waiter = awaiting(token);
            String awaited = "the operation with token=1 was awaited here, by thread=background-call, in await";

            assertThat(told(this::start)).containsExactly(STARTED, awaited);
            assertThat(told(() -> await(token))).containsExactly(STARTED, awaited);
            assertThat(catchThrowableOfType(ValueTaskMisuseException.class, this::start))
                    .hasMessageEndingWith("; await it before you start the next operation");
            complete(token);
            waiter.result();
        }

        private void aSecondCompletion_isToldOfTheFirst() {
            long token = start();
            complete(token);

            assertThat(told(() -> complete(token))).containsExactly(STARTED,
                    "the operation with token=1 was completed here, by thread=main, in complete");
        }

        private void whoComesLate_isToldWhoTookTheResult() throws Throwable {
            WeakReference<Thread> taker = take();

            assertThat(told(() -> await(1))).as("of this operation").containsExactly(TAKEN);
            start();
            assertThat(told(() -> await(1))).as("of the operation before").containsExactly(
                    "the operation with token=2 was started here, by thread=main, in start", TAKEN);
            Reachability.awaitUnreachable(taker, source.toString());
        }

        private WeakReference<Thread> take() throws Throwable {
            long token = start();
            BackgroundCall<String> waiter = awaiting(token);
            complete(token);
            waiter.result();
            return new WeakReference<>(waiter.thread());
        }

        private BackgroundCall<String> awaiting(long token) {
            return BackgroundCall.start(BackgroundCall.Kind.PLATFORM, () -> await(token)).awaitParked();
        }

        // The places

        private long start() {
            return source.arm();
        }

        private String await(long token) throws Exception {
            return ValueTask.fromSource(source, token).await();
        }

        private void complete(long token) {
            source.complete(token, "result");
        }

        /** What the misuse says of the others, each with the method of this class where it was. */
        private static List<String> told(ThrowingCallable misuse) {
            ValueTaskMisuseException thrown = catchThrowableOfType(ValueTaskMisuseException.class, misuse);
            return Arrays.stream(thrown.getSuppressed()).map(place -> place + ", in " + methodOf(place))
                    .toList();
        }

        private static String methodOf(Throwable place) {
            return Arrays.stream(place.getStackTrace())
                    .filter(frame -> frame.getClassName().equals(Debugged.class.getName())).findFirst()
                    .orElseThrow()
                    .getMethodName();
        }
    }
}
