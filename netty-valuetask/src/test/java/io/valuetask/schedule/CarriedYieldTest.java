package io.valuetask.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** H24, H30: yields and posted tasks by the million, on one frame of the loop's stack. */
@Timeout(120)
class CarriedYieldTest {
    private static final int MILLION = 1_000_000;

    @ParameterizedTest
    @EnumSource(CarryingLoop.Kind.class)
    void yield_aMillionTimes_takesConstantStack(CarryingLoop.Kind kind) throws Exception {
        try (CarryingLoop carrying = new CarryingLoop(kind)) {
            List<Integer> depths = new ArrayList<>();
            Thread loopThread = carrying.thread();
            CarryingLoop.join(carrying.start(() -> {
                for (int i = 0; i < MILLION; i++) {
                    Thread.yield();
                    if (i % (MILLION / 10) == 0) {
                        carrying.carrier
                                .post(() -> depths.add(Thread.currentThread().getStackTrace().length));
                    }
                }
                assertThat(LoomAccess.currentCarrier()).isSameAs(loopThread);
            }));
            carrying.settle();
            assertThat(depths).hasSize(10);
            assertThat(depths.getLast()).isLessThanOrEqualTo(depths.getFirst() + 5);
        }
    }

    @Test
    void post_aMillionTasks_runsAllInOrderInConstantStack() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            AtomicInteger ran = new AtomicInteger();
            AtomicInteger misplaced = new AtomicInteger();
            CarryingLoop.join(carrying.start(() -> {
                for (int i = 0; i < MILLION; i++) {
                    int number = i;
                    carrying.carrier.post(() -> {
                        if (ran.getAndIncrement() != number) {
                            misplaced.incrementAndGet();
                        }
                    });
                    if (i % 100_000 == 0) {
                        Thread.yield();
                    }
                }
            }));
            carrying.settle();
            assertThat(ran).hasValue(MILLION);
            assertThat(misplaced).hasValue(0);
        }
    }

    @Test
    void yield_ofTwoBodies_alternates() throws Exception {
        try (CarryingLoop carrying = new CarryingLoop()) {
            List<String> order = new ArrayList<>();
            List<Thread> both = new ArrayList<>();
            carrying.run(() -> {
                for (String name : List.of("a", "b")) {
                    both.add(carrying.start(() -> {
                        for (int i = 0; i < 1_000; i++) {
                            order.add(name);
                            Thread.yield();
                        }
                    }));
                }
            });
            CarryingLoop.join(both.toArray(Thread[]::new));
            assertThat(order).hasSize(2_000);
            for (int i = 0; i < order.size(); i++) {
                assertThat(order.get(i)).isEqualTo(i % 2 == 0 ? "a" : "b");
            }
        }
    }
}
