package io.valuetask.netty;

import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import io.netty.util.concurrent.ThreadPerTaskExecutor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * An event loop that ends while somebody gives it a task, and neither runs nor refuses that task. Netty's loops do so in
 * a window that is too narrow to be met by chance.
 */
final class EndingLoop extends SingleThreadIoEventLoop {
    private final EndingQueue queue;

    private EndingLoop(Transport transport, EndingQueue queue) {
        super(null, new ThreadPerTaskExecutor(new DefaultThreadFactory("ending")),
                transport.newHandlerFactory(), queue, new LinkedBlockingQueue<>(),
                RejectedExecutionHandlers.reject());
        this.queue = queue;
    }

    static EndingLoop create(Transport transport) {
        EndingQueue queue = new EndingQueue();
        EndingLoop loop = new EndingLoop(transport, queue);
        queue.owner = loop;
        return loop;
    }

    /** The next task that comes from elsewhere is lost. */
    EndingLoop loseNextTask() {
        queue.loseNext = true;
        return this;
    }

    @SuppressWarnings("serial")
    private static final class EndingQueue extends LinkedBlockingQueue<Runnable> {
        volatile EndingLoop owner;
        volatile boolean loseNext;

        @Override
        public boolean offer(Runnable task) {
            if (loseNext && !owner.inEventLoop()) {
                loseNext = false;
                owner.shutdownGracefully(0, 0, TimeUnit.SECONDS);
                if (!owner.terminationFuture().awaitUninterruptibly(Call.LIMIT_SECONDS, TimeUnit.SECONDS)) {
                    throw new AssertionError("the loop did not end");
                }
            }
            return super.offer(task);
        }

        @Override
        public boolean remove(Object task) {
            throw new UnsupportedOperationException("as the queue of an event loop");
        }
    }
}
