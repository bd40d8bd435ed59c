package io.valuetask.netty;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.DefaultEventExecutor;
import io.netty.util.concurrent.EventExecutor;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.PromiseCombiner;
import io.valuetask.testing.BackgroundCall;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import static io.valuetask.testing.BackgroundCall.Kind.PLATFORM;

/**
 * What handlers do to the promise of a write: at once, and again when it is over and the next write is on its way. All of
 * this is seen in real handlers.
 */
enum Evil {
    COMPLETES_TWICE(Verdict.TOLD_EARLY, false) {
        @Override
        void write(Handler self, ChannelHandlerContext ctx, Object message, ChannelPromise kept) {
            kept.trySuccess();
            kept.trySuccess();
            ctx.write(message);
        }
    },
    COMPLETES_AND_LATER_AGAIN(Verdict.TOLD_EARLY, true) {
        @Override
        void strikeAgain(Handler self, ChannelPromise kept) {
            kept.trySuccess();
        }
    },
    COMPLETES_AGAIN_ON_ANOTHER_THREAD(Verdict.TOLD_EARLY, true) {
        @Override
        void strikeAgain(Handler self, ChannelPromise kept) throws InterruptedException {
            BackgroundCall.start(PLATFORM, () -> kept.trySuccess()).failure();
        }
    },
    FAILS_AND_LATER_COMPLETES(Verdict.TOLD_EARLY, false) {
        @Override
        void write(Handler self, ChannelHandlerContext ctx, Object message, ChannelPromise kept) {
            kept.setFailure(self.failure);
            ReferenceCountUtil.release(message);
        }

        @Override
        void strikeAgain(Handler self, ChannelPromise kept) {
            kept.trySuccess();
        }
    },
    /** As MessageToMessageEncoder does when it has encoded something and then throws. */
    FAILS_WHAT_IT_HAS_PASSED_ON(Verdict.TOLD_EARLY, false) {
        @Override
        void write(Handler self, ChannelHandlerContext ctx, Object message, ChannelPromise kept) {
            ctx.write(message, kept);
            kept.tryFailure(self.failure);
        }
    },
    /** As WebSocketProtocolHandler does with the promise of the close frame. */
    FAILS_ON_A_TIMER(Verdict.FALSELY_FAILED, true) {
        @Override
        void write(Handler self, ChannelHandlerContext ctx, Object message, ChannelPromise kept) {
            ctx.executor().schedule(() -> kept.tryFailure(self.failure), 1, TimeUnit.MINUTES);
            ctx.write(message, kept);
        }

        @Override
        void strikeAgain(Handler self, ChannelPromise kept) {
            EmbeddedChannel channel = (EmbeddedChannel) kept.channel();
            channel.advanceTimeBy(1, TimeUnit.MINUTES);
            channel.runScheduledPendingTasks();
        }
    },
    /** As WriteTimeoutHandler does from another executor: what is not done now has timed out. */
    LOOKS_LATER_WHETHER_IT_IS_DONE(Verdict.HANDLER_MISLED, true) {
        @Override
        void strikeAgain(Handler self, ChannelPromise kept) {
            self.misled = !kept.isDone();
        }
    },
    /** As WebSocketProtocolHandler and Http2ConnectionHandler do. */
    LISTENS_LATE(Verdict.HANDLER_MISLED, true) {
        @Override
        void strikeAgain(Handler self, ChannelPromise kept) {
            boolean[] heard = new boolean[1];
            kept.addListener(done -> heard[0] = true);
            self.misled = !heard[0];
        }
    },
    COMPLETES_AND_THROWS(Verdict.FALSELY_FAILED, false) {
        @Override
        void write(Handler self, ChannelHandlerContext ctx, Object message, ChannelPromise kept)
                throws IOException {
            ctx.write(message);
            kept.setSuccess();
            throw self.failure;
        }
    },
    /** Whose executor gets to look at the promise when the next write is on its way. */
    COMBINES_ON_ANOTHER_EXECUTOR(Verdict.HANDLER_MISLED, false) {
        @Override
        void write(Handler self, ChannelHandlerContext ctx, Object message, ChannelPromise kept)
                throws Exception {
            self.combined = ctx.newPromise();
            self.foreign.submit(() -> {
                PromiseCombiner combiner = new PromiseCombiner(self.foreign);
                combiner.add((Future<?>) kept);
                combiner.finish(self.combined);
            }).sync();
            self.foreign.execute(self::waitForTheEndOfWork);
            kept.setFailure(self.failure);
            ReferenceCountUtil.release(message);
        }

        @Override
        void strikeAgain(Handler self, ChannelPromise kept) throws InterruptedException {
            self.working.countDown();
            self.foreign.submit(() -> {}).sync();
            self.misled = self.combined.cause() != self.failure;
        }
    },
    /** As a handler that drops what it has no use for, and forgets to say so. */
    SWALLOWS(Verdict.NEVER_TOLD, false) {
        @Override
        void write(Handler self, ChannelHandlerContext ctx, Object message, ChannelPromise kept) {
            ReferenceCountUtil.release(message);
        }

        @Override
        void strikeAtTheEnd(ChannelPromise kept) {
            kept.trySuccess();
        }
    };

    /** What comes of two writes, the first of which is treated so. */
    enum Verdict {
        SOUND,
        /** The second write was told to be complete when it was not. */
        TOLD_EARLY,
        /** The second write was told to have failed, and left. */
        FALSELY_FAILED,
        /** A write has come to nothing, and whoever awaits it was not told, even when the channel was closed. */
        NEVER_TOLD,
        /** The handler, asking about the first write, was answered about the second. */
        HANDLER_MISLED
    }

    /** Whether the first write is one that failed. */
    boolean failsFirst() {
        return this == FAILS_AND_LATER_COMPLETES || this == FAILS_WHAT_IT_HAS_PASSED_ON
                || this == COMBINES_ON_ANOTHER_EXECUTOR;
    }

    /** How a handler holds on to a promise. */
    enum Keeping {
        /** Without a sign. */
        BARE,
        /** As handlers of Netty do. */
        UNVOIDED,
        LISTENED_TO;

        ChannelPromise keep(ChannelPromise promise) {
            return switch (this) {
                case BARE -> promise;
                case UNVOIDED -> promise.unvoid();
                case LISTENED_TO -> promise.addListener(done -> {});
            };
        }
    }

    /** What it does to a promise that is used again and does not defend itself. */
    final Verdict harm;
    /** It gives no sign while the first write lasts, unless the way in which it keeps the promise does. */
    final boolean unseen;

    Evil(Verdict harm, boolean unseen) {
        this.harm = harm;
        this.unseen = unseen;
    }

    /** The first write. */
    void write(Handler self, ChannelHandlerContext ctx, Object message, ChannelPromise kept)
            throws Exception {
        ctx.write(message, kept);
    }

    /** The first write is over, and its outcome was told; the second is on its way. */
    void strikeAgain(Handler self, ChannelPromise kept) throws Exception {}

    /** The channel is closed. */
    void strikeAtTheEnd(ChannelPromise kept) {}

    /** Nothing but the end of the channel ends the first write. */
    boolean leavesFirstToTheEnd() {
        return this == SWALLOWS;
    }

    /** Does it to the first write, and lets the others pass. */
    static final class Handler extends ChannelOutboundHandlerAdapter implements AutoCloseable {
        final IOException failure = new IOException("planted");
        final EventExecutor foreign = new DefaultEventExecutor();
        private final CountDownLatch working = new CountDownLatch(1);
        private final Evil evil;
        private final Keeping keeping;
        private ChannelPromise kept;
        private ChannelPromise combined;
        private volatile boolean misled;

        Handler(Evil evil, Keeping keeping) {
            this.evil = evil;
            this.keeping = keeping;
        }

        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise)
                throws Exception {
            if (kept == null) {
                kept = keeping.keep(promise);
                evil.write(this, ctx, message, kept);
            } else {
                ctx.write(message, promise);
            }
        }

        void strikeAgain() throws Exception {
            evil.strikeAgain(this, kept);
        }

        void strikeAtTheEnd() {
            evil.strikeAtTheEnd(kept);
        }

        Evil evil() {
            return evil;
        }

        boolean isMisled() {
            return misled;
        }

        private void waitForTheEndOfWork() {
            try {
                working.await(Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException impossible) {
                throw new AssertionError(impossible);
            }
        }

        @Override
        public void close() {
            foreign.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }
}
