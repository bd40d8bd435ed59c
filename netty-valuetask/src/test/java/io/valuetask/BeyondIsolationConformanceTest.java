package io.valuetask;

import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.valuetask.Form.Operation;
import io.valuetask.testing.Beyond;
import io.valuetask.testing.ForkedJvm;
import io.valuetask.testing.UncaughtFailures;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

import static io.valuetask.ValueTaskSourceOnCompletedFlags.NONE;
import static io.valuetask.ValueTaskSourceOnCompletedFlags.USE_SCHEDULING_CONTEXT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What .NET does not promise and we do, see {@code conformance.md}: who is kept safe from whose mistakes. */
class BeyondIsolationConformanceTest {
    @Beyond("B11")
    @ParameterizedTest
    @EnumSource(Form.class)
    void b11_aContinuationThatThrowsOnAnEventLoop_isReportedAndTheLoopGoesOn(Form form) throws Exception {
        MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            EventLoop loop = group.next();
            Thread thread = loop.submit(Thread::currentThread).get(10, TimeUnit.SECONDS);
            SourceSubject source = form.newSource();
            for (Throwable failure : List.of(new IllegalStateException("unchecked"),
                    new IOException("checked"), new StackOverflowError("error"))) {
                for (boolean byTheLoop : new boolean[]{true, false}) {
                    Operation operation = form.arm(source);
                    long token = source.core().pendingToken();
                    loop.submit(() -> operation.onCompleted(Failures::sneaky, failure,
                            byTheLoop ? NONE : USE_SCHEDULING_CONTEXT)).get(10, TimeUnit.SECONDS);
                    try (UncaughtFailures uncaught = UncaughtFailures.of(thread)) {
                        if (byTheLoop) {
                            assertThat(loop.submit(() -> source.tryComplete(token, 42)).get(10,
                                    TimeUnit.SECONDS)).isTrue();
                        } else {
                            source.complete(token, 42);
                        }
                        assertThat(loop.submit(Thread::currentThread).get(10, TimeUnit.SECONDS))
                                .as("the loop runs what comes next").isSameAs(thread);
                        assertThat(uncaught.failures()).containsExactly(failure);
                    }
                    assertThat(operation.result()).isEqualTo(42);
                }
            }
        } finally {
            assertThat(group.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(10_000))
                    .isTrue();
        }
    }

    /** In a JVM whose every stack is as small as this, also that of the main thread, which runs the chains. */
    @Beyond("B12")
    @Test
    @Timeout(120)
    void b12_aMillionOperationsCompleteOneInTheOther_onAStackOf256K_allRun() throws Exception {
        String printed = new ForkedJvm().with("-Xss256k").run(SynchronousChain.class);

        List<String> expected = new ArrayList<>();
        assertThat(SynchronousChain.Style.CONTINUATION.length).isEqualTo(1_000_000);
        assertThat(SynchronousChain.Style.AWAITER.length).isEqualTo(1_000_000);
        for (TaskType type : TaskType.values()) {
            for (SynchronousChain.Style style : SynchronousChain.Style.values()) {
                expected.add(type + " " + style + " " + style.length);
            }
        }
        assertThat(printed.lines()).containsExactlyElementsOf(expected);
    }

    @Beyond("B13")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void b13_anOperationThatNobodyAwaited_isReportedWhenTheNextOneIsArmed(TaskType type) {
        for (String state : List.of("PENDING", "SUCCEEDED", "FAULTED", "CANCELED")) {
            SourceSubject source = type.newSource();
            long token = source.arm();
            switch (state) {
                case "SUCCEEDED" -> source.complete(token, 42);
                case "FAULTED" -> source.completeExceptionally(token, new IOException("nobody saw this"));
                case "CANCELED" -> source.cancel(token);
                default -> {}
            }
            assertThatThrownBy(source::arm).isInstanceOf(ValueTaskMisuseException.class).hasMessage(
                    "an operation of this source is still in progress or its result was not taken: token=1, "
                            + "current=1, state=" + state + ", waiter=NONE, source="
                            + source.core().describeSource()
                            + "; await it before you start the next operation" + MisuseMessageContract.HINT);
        }
    }

    /** What takes, starts or waits, and says so. All other methods without arguments are for looking. */
    private static final Set<String> DOING = Set.of("result", "await", "toCompletableFuture", "preserve",
            "discard", "arm", "tryArm", "wait", "notify", "notifyAll");

    @Beyond("B14")
    @ParameterizedTest
    @EnumSource(TaskType.class)
    void b14_everyMethodThatADebuggerMightCall_consumesNothing(TaskType type) throws Exception {
        SourceSubject source = type.newSource();
        TaskType.Awaiter awaiter = type.newAwaiter();
        lookAt(source, source.core(), awaiter.core());
        long token = source.arm();
        TaskType.Task task = type.fromSource(source, token);
        lookAt(source, source.core(), task.handle(), awaiter.core());
        awaiter.onCompleted(task, state -> {}, "state");
        lookAt(source, source.core(), task.handle(), awaiter.core());
        source.complete(token, 42);
        lookAt(source, source.core(), task.handle(), awaiter.core());
        assertThat(awaiter.result()).isEqualTo(42);
        lookAt(source, source.core(), task.handle(), awaiter.core());
        assertThat(source.tryArm()).isEqualTo(token + 1);
    }

    private static void lookAt(SourceSubject source, Object... objects) throws IllegalAccessException {
        long before = source.core().wordAcquire();
        for (Object object : objects) {
            List<String> called = new ArrayList<>();
            for (Method method : object.getClass().getMethods()) {
                if (method.getParameterCount() == 0 && !DOING.contains(method.getName())) {
                    try {
                        method.invoke(object);
                    } catch (InvocationTargetException refused) {
                        // Asked for the status of what was consumed.
                        assertThat(refused).hasCauseInstanceOf(ValueTaskMisuseException.class);
                    }
                    called.add(method.getName());
                }
            }
            assertThat(object.equals(object)).isTrue();
            assertThat(called).contains("toString", "hashCode");
            assertThat(source.core().wordAcquire()).as("%s of %s", called, object).isEqualTo(before);
        }
    }

    private static final Path STRESS = Path.of(System.getProperty("basedir", ""), "src", "stress", "java",
            "io",
            "valuetask");

    /** The threads of JUnit meet too seldom to prove an order; jcstress does that, where memory is weak. */
    @Beyond("B15")
    @ParameterizedTest
    @MethodSource("stressedRaces")
    void b15_eachRaceThatNeedsProof_isStressedBesideABrokenTwin(String name) throws IOException {
        String stress = Files.readString(STRESS.resolve(name + ".java"));

        assertThat(stress).contains("class Actual", "class Broken", "Expect.FORBIDDEN");
        assertThat(stress.split("@JCStressTest", -1)).as("the real one and the twin").hasSizeGreaterThan(2);
    }

    /** All there are, and at least those of one source: registered, looked at, cancelled, all while it completes. */
    static Set<String> stressedRaces() throws IOException {
        Set<String> names = new TreeSet<>();
        try (Stream<Path> files = Files.list(STRESS)) {
            files.map(file -> file.getFileName().toString()).filter(name -> name.endsWith("Stress.java"))
                    .forEach(name -> names.add(name.substring(0, name.length() - ".java".length())));
        }
        assertThat(names).contains("RegistrationStress", "PublicationStress", "PrematureResultStress",
                "CancelVsCompleteStress", "TwoCompletersStress", "TwoConsumersStress", "TwoWaitersStress",
                "StaleProducerStress");
        return names;
    }
}
