package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.valuetask.netty.OperationTally.Kind;
import java.io.EOFException;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;

/**
 * One connection to one of the servers: sends, receives what comes back, and ends it as comes up. Whatever happened, what
 * was received is the beginning of what was sent.
 */
final class SoakClient {
    private static final byte[] SENT = Bytes.pattern(2 * 1024 * 1024);
    private static final int MOST_ROUNDS = 6;
    private static final int MOST_MESSAGES = 6;
    private static final int SMALL = 500;
    /** More than is read ahead. */
    private static final int LARGE = 40_000;

    private final SoakWorld world;
    private final Random dice = new Random(ThreadLocalRandom.current().nextLong());
    private int sent;
    private int received;

    SoakClient(SoakWorld world) {
        this.world = world;
    }

    void live() throws Exception {
        SoakTraffic[] all = SoakTraffic.values();
        try (SoakSession session = world.connect(all[dice.nextInt(all.length)], Thread.currentThread())) {
            if (dice.nextInt(4) == 0) {
                new SoakCallbackClient(session, world.tally(), this::nextMessage, this::isBack).live();
                return;
            }
            for (int rounds = dice.nextInt(MOST_ROUNDS); rounds >= 0; rounds--) {
                for (int messages = dice.nextInt(MOST_MESSAGES); messages >= 0; messages--) {
                    session.write(nextMessage());
                }
                while (!isBack(session.read())) {
                    // on
                }
                session.maybeFail();
            }
            end(session);
        }
    }

    private ByteBuf nextMessage() {
        int length = 1 + dice.nextInt(dice.nextInt(8) == 0 ? LARGE : SMALL);
        int from = sent;
        sent += length;
        return world.soak().allocator().buffer(length).writeBytes(SENT, from, length);
    }

    /** Takes the message, and answers whether everything is back. */
    private boolean isBack(ByteBuf message) throws EOFException {
        if (message == null) {
            throw new EOFException("the server has ended it");
        }
        try {
            byte[] bytes = ByteBufUtil.getBytes(message);
            int end = received + bytes.length;
            if (end > sent || !Arrays.equals(bytes, 0, bytes.length, SENT, received, end)) {
                world.tally().mistake(new AssertionError("wrong between byte " + received + " and " + end));
                throw new EOFException("of no use any more");
            }
            received = end;
            return received == sent;
        } finally {
            message.release();
        }
    }

    private void end(SoakSession session) throws Exception {
        switch (dice.nextInt(5)) {
            case 0 -> {
                session.count(Kind.SHUTDOWN_OUTPUT,
                        () -> session.await(session.channel().shutdownOutput()));
                if (session.read() instanceof ByteBuf unexpected) {
                    unexpected.release();
                    world.tally().mistake(new AssertionError("something after the end of " + sent));
                }
            }
            case 1 -> SoakEnding.RESET.happenTo(session);
            case 2 -> {
                // Closed before any of it has left, and before the answers.
                for (int messages = dice.nextInt(MOST_MESSAGES); messages >= 0; messages--) {
                    session.writeLate(nextMessage());
                }
            }
            default -> {
                // Closed in peace.
            }
        }
    }
}
