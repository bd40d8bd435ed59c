package io.valuetask.netty;

import io.valuetask.CancellationToken;
import io.valuetask.ValueTaskSourceStatus;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.LL_Result;

import static java.lang.invoke.ConstantBootstraps.fieldVarHandle;
import static java.lang.invoke.MethodHandles.lookup;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE_INTERESTING;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

/**
 * A user event is fired and the channel ends, while the first reader of events comes, who may have to make what holds
 * them. It gets the event, and then the end.
 *
 * <p>Results: what its first read came to, and its second.
 *
 * <pre>mvn -q -Pstress verify -pl netty-valuetask -am -DskipTests -Dstress.args="-t EventEndStress"</pre>
 */
public class EventEndStress {
    private static final String ENDED = "ended";
    private static final String WAITS = "waits";

    private EventEndStress() {}

    @JCStressTest
    @Outcome(id = "event, ended", expect = ACCEPTABLE, desc = "both, in order")
    @Outcome(id = "ended, ended", expect = FORBIDDEN, desc = "the event is lost")
    @Outcome(id = ".*, waits", expect = FORBIDDEN, desc = "it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class Actual {
        private final UserEvents events = new UserEvents(new ValueTaskHandler<>());
        private ReadSource<Object> reads;
        private long token;

        @Actor
        public void executor() {
            events.received("event");
            events.end(InboundEnd.END_OF_STREAM);
        }

        @Actor
        public void reader() {
            reads = events.reads();
            token = reads.read(CancellationToken.NONE);
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = outcome();
            if (r.r1 != WAITS) {
                token = reads.read(CancellationToken.NONE);
            }
            r.r2 = outcome();
        }

        private Object outcome() {
            if (reads.getStatus(token) == ValueTaskSourceStatus.PENDING) {
                return WAITS;
            }
            try {
                Object event = reads.getResult(token);
                return event == null ? ENDED : event;
            } catch (IOException failure) {
                return failure;
            }
        }
    }

    /** The end without an event before it: then it may be the reader who makes what holds them. */
    @JCStressTest
    @Outcome(id = "ended, ended", expect = ACCEPTABLE, desc = "told of the end")
    @Outcome(id = ".*, waits", expect = FORBIDDEN, desc = "it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class ActualWithoutEvent {
        private final Actual actual = new Actual();

        @Actor
        public void executor() {
            actual.events.end(InboundEnd.END_OF_STREAM);
        }

        @Actor
        public void reader() {
            actual.reader();
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            actual.arbiter(r);
        }
    }

    /**
     * Removed: both fields are volatile. Here they are written with release and read with acquire, which does not keep a
     * store before a load.
     *
     * <p>Goes wrong: the executor finds nobody to tell, and the reader no end.
     */
    @JCStressTest
    @Outcome(id = "ended, ended", expect = ACCEPTABLE, desc = "told of the end")
    @Outcome(id = "waits, waits", expect = ACCEPTABLE_INTERESTING, desc = "both load before either store arrives: it waits for ever")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenReleaseStores {
        private static final VarHandle QUEUED = fieldVarHandle(lookup(), "queued", VarHandle.class,
                BrokenReleaseStores.class, boolean.class);
        private static final VarHandle END = fieldVarHandle(lookup(), "end", VarHandle.class,
                BrokenReleaseStores.class, boolean.class);

        @SuppressWarnings("unused")
        private boolean queued;
        @SuppressWarnings("unused")
        private boolean end;
        private volatile boolean told;

        @Actor
        public void executor() {
            END.setRelease(this, true);
            if ((boolean) QUEUED.getAcquire(this)) {
                told = true;
            }
        }

        @Actor
        public void reader() {
            QUEUED.setRelease(this, true);
            if ((boolean) END.getAcquire(this)) {
                told = true;
            }
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r1 = told ? ENDED : WAITS;
            r.r2 = r.r1;
        }
    }

    /**
     * Removed: the reader's second look. It finds no event, then the end, and does not look again for what came in
     * between.
     *
     * <p>Goes wrong: the event and the end come after the first look and before the second.
     */
    @JCStressTest
    @Outcome(id = "event, ended", expect = ACCEPTABLE, desc = "both, in order")
    @Outcome(id = "ended, event", expect = ACCEPTABLE_INTERESTING, desc = "reader finds no event -> executor fires it and ends -> reader finds the end: who stops there has lost the event")
    @Outcome(id = "waits, event", expect = ACCEPTABLE, desc = "reader waits, and is going to be told")
    @Outcome(expect = FORBIDDEN, desc = "unknown")
    @State
    public static class BrokenOneLook {
        private volatile String event;
        private volatile boolean end;

        @Actor
        public void executor() {
            event = "event";
            end = true;
        }

        @Actor
        public void reader(LL_Result r) {
            String found = event;
            r.r1 = found != null ? found : end ? ENDED : WAITS;
        }

        @Arbiter
        public void arbiter(LL_Result r) {
            r.r2 = r.r1 == event ? ENDED : event;
        }
    }
}
