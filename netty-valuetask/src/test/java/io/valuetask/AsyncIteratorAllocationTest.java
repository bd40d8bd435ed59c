package io.valuetask;

import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static io.valuetask.AllocationTest.assertAllocatesAtMost;
import static io.valuetask.AllocationTest.assertAllocatesNothing;
import static org.assertj.core.api.Assertions.assertThat;

/** An element costs no object, however it is consumed. Counted as in {@link AllocationTest}. */
@Timeout(60)
class AsyncIteratorAllocationTest {
    private final AsyncIteratorSource<String> iterator = new AsyncIteratorSource<>();
    private final ValueTaskAwaiter<Boolean> moving = new ValueTaskAwaiter<>();
    private final ValueTaskAwaiter<Void> emitting = new ValueTaskAwaiter<>();
    private static final double ONE_HANDLE = 24.5;

    private int operations;
    private int taken;

    @AfterEach
    void everyElementWasTaken() {
        assertThat(taken).isPositive().isEqualTo(operations);
    }

    @Test
    void consumerThatWaitsFirst_allocatesNothing() throws Exception {
        emitting.onCompleted(iterator.requested(), AsyncIteratorAllocationTest::nothing, this);
        assertAllocatesNothing(() -> {
            operations++;
            moving.onCompleted(iterator.moveNext(), AsyncIteratorAllocationTest::take, this);
            emitting.result();
            emitting.onCompleted(iterator.emit("element"), AsyncIteratorAllocationTest::nothing, this);
        });
    }

    @Test
    void producerThatGoesOnInsideTheMove_allocatesNothing() throws Exception {
        emitOnRequest();
        assertAllocatesNothing(() -> {
            operations++;
            if (moving.onCompleted(iterator.moveNext(), AsyncIteratorAllocationTest::nothing, this)) {
                throw new AssertionError("there is one: " + iterator);
            }
            take();
        });
    }

    /** Also in a program that has looped over iterators of several kinds. */
    @Test
    void forLoop_allocatesNothing() throws Exception {
        for (int i = 0; i < 20_000; i++) {
            AsyncIterator<String> known = AsyncIterator.fromIterable(List.of("element"));
            known.iterable().forEach(String::length);
            new CarelessIterator(ValueTask.completed(false), ValueTask.completed()).iterable()
                    .forEach(String::length);
            AsyncIteratorSubscriber<String> published = new AsyncIteratorSubscriber<>();
            published.onComplete();
            published.iterable().forEach(String::length);
        }
        emitOnRequest();
        Iterator<String> loop = iterator.iterable().iterator();
        assertAllocatesNothing(() -> {
            operations++;
            taken += loop.next().equals("element") ? 1 : 0;
        });
    }

    @Test
    void elementsThatAreKnown_allocateNothing() throws Exception {
        AsyncIterator<String> known = AsyncIterator.fromIterable(Stream.generate(() -> "element")::iterator);
        assertAllocatesNothing(() -> {
            operations++;
            if (known.moveNext().await()) {
                taken += known.current().equals("element") ? 1 : 0;
            }
        });
    }

    @Test
    void elementsOfAPublisher_allocateNothing() throws Exception {
        AsyncIteratorSubscriber<String> published = new AsyncIteratorSubscriber<>();
        published.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long n) {
                published.onNext("element");
            }

            @Override
            public void cancel() {
                throw new AssertionError("goes on for ever");
            }
        });
        assertAllocatesNothing(() -> {
            operations++;
            if (published.moveNext().await()) {
                taken += published.current().equals("element") ? 1 : 0;
            }
        });
    }

    @Test
    void publisher_allocatesOneHandleAtMost() throws Exception {
        emitOnRequest();
        RequestedOneByOne subscriber = new RequestedOneByOne();
        iterator.toPublisher().subscribe(subscriber);
        // The subscription calls an iterator that it does not know, so the handle may have to exist, see InlineBarrier.
        assertAllocatesAtMost(ONE_HANDLE, () -> {
            operations++;
            subscriber.subscription.request(1);
        });
    }

    private final class RequestedOneByOne implements Flow.Subscriber<String> {
        private Flow.Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(String element) {
            taken++;
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError(failure);
        }

        @Override
        public void onComplete() {
            throw new AssertionError("there is no end");
        }
    }

    private void take() {
        try {
            if (moving.result()) {
                taken += iterator.current().equals("element") ? 1 : 0;
            }
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void nothing() {}

    /** From here on, each request is answered inside the move. */
    private void emitOnRequest() {
        emitting.onCompleted(iterator.requested(), AsyncIteratorAllocationTest::emitNext, this);
    }

    private void emitNext() {
        try {
            emitting.result();
        } catch (IOException impossible) {
            throw new AssertionError(impossible);
        }
        emitting.onCompleted(iterator.emit("element"), AsyncIteratorAllocationTest::emitNext, this);
    }
}
