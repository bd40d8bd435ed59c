package io.valuetask.netty;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A handler adds a listener to the promise of a write while another thread completes that. The listener is notified
 * once: by whoever completes, who finds the listener, or by whoever adds it, who finds the write done.
 *
 * <p>Results: how often the listener was notified; whether the operation is used again.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t LateListenerStress"</pre>
 */
public class LateListenerStress {
    private LateListenerStress() {}

    @JCStressTest
    @Outcome(id = "1, retired", expect = ACCEPTABLE, desc = "notified once")
    @Outcome(id = "0, .*", expect = FORBIDDEN, desc = "both missed the other")
    @Outcome(id = "2, .*", expect = FORBIDDEN, desc = "both notified it")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final KeptPromise kept = new KeptPromise();
        private final ActorChannel<CountedMessage> channel = new ActorChannel<>(kept);
        private final AtomicInteger notified = new AtomicInteger();
        private final WriteOperation write;

        public Actual() {
            channel.executor.enter();
            write = channel.outbound().write(new CountedMessage(), false, false);
            channel.executor.leave();
        }

        @Actor
        public void completer() {
            kept.promise.trySuccess();
        }

        @Actor
        public void listener() {
            kept.promise.addListener(done -> notified.incrementAndGet());
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            channel.runTheRest();
            r.r1 = notified.get();
            r.r2 = write.isRetired() ? "retired" : "used again";
        }
    }

    /**
     * Removed: the order of pushing the listener and looking whether the write is done.
     *
     * <p>Goes wrong: the write is completed, and looked for listeners, in between.
     */
    @JCStressTest
    @Outcome(id = "1, retired", expect = ACCEPTABLE, desc = "notified once")
    @Outcome(id = "0, retired", expect = ACCEPTABLE_INTERESTING, desc = "listener looks -> completer completes, finds none -> listener pushes: never notified")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenLookThenPush {
        private final AtomicReference<String> top = new AtomicReference<>();
        private final AtomicInteger notified = new AtomicInteger();
        private volatile boolean done;

        @Actor
        public void completer() {
            done = true;
            notifyAllOfThem();
        }

        @Actor
        public void listener() {
            boolean late = done;
            top.set("listener");
            if (late) {
                notifyAllOfThem();
            }
        }

        private void notifyAllOfThem() {
            if (top.getAndSet(null) != null) {
                notified.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = notified.get();
            r.r2 = "retired";
        }
    }

    /**
     * Removed: the exchange of the stack for nothing. Here it is read, and then cleared.
     *
     * <p>Goes wrong: both read it.
     */
    @JCStressTest
    @Outcome(id = "1, retired", expect = ACCEPTABLE, desc = "notified once")
    @Outcome(id = "2, retired", expect = ACCEPTABLE_INTERESTING, desc = "both read -> both clear: notified twice")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenReadThenClear {
        private final AtomicReference<String> top = new AtomicReference<>();
        private final AtomicInteger notified = new AtomicInteger();
        private volatile boolean done;

        @Actor
        public void completer() {
            done = true;
            notifyAllOfThem();
        }

        @Actor
        public void listener() {
            top.set("listener");
            if (done) {
                notifyAllOfThem();
            }
        }

        private void notifyAllOfThem() {
            if (top.get() != null) {
                top.set(null);
                notified.incrementAndGet();
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = notified.get();
            r.r2 = "retired";
        }
    }
}
