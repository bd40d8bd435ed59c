package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.valuetask.netty.OperationTally.Kind;
import io.valuetask.stream.ChannelStream;

/** What a server of the soak does with what it receives: in each case the peer gets back what it sent. */
enum SoakTraffic {
    ECHO {
        @Override
        void serve(SoakWorld world, SoakSession session) throws Exception {
            for (ByteBuf message; (message = session.read()) != null;) {
                session.write(message);
                session.maybeFail();
            }
            session.flush();
        }
    },
    PUMP {
        @Override
        void serve(SoakWorld world, SoakSession session) throws Exception {
            ValueTaskChannel<ByteBuf, ByteBuf> channel = session.channel();
            session.repeatIfCancelled(Kind.PUMP,
                    () -> session.await(ValueTaskChannels.pump(channel, channel)));
        }
    },
    RELAY {
        @Override
        void serve(SoakWorld world, SoakSession session) throws Exception {
            try (SoakSession backend = world.connect(ECHO, null)) {
                session.repeatIfCancelled(Kind.RELAY, () -> session
                        .await(ValueTaskChannels.relay(session.channel(), backend.channel())));
            }
        }
    },
    STREAM {
        @Override
        void serve(SoakWorld world, SoakSession session) throws Exception {
            ByteBuf buffer = session.channel().channel().alloc().buffer(STREAM_BUFFER, STREAM_BUFFER);
            try (ChannelStream stream = new ChannelStream(session.channel())) {
                while (read(stream, session, buffer.clear()) >= 0) {
                    session.count(Kind.STREAM_WRITE, () -> session.await(stream.write(buffer.copy())));
                    if (stream.available() == 0) {
                        session.count(Kind.FLUSH, () -> session.await(stream.flush()));
                    }
                }
            } finally {
                buffer.release();
            }
        }

        private int read(ChannelStream stream, SoakSession session, ByteBuf buffer) throws Exception {
            return session.repeatIfCancelled(Kind.STREAM_READ, () -> session.await(stream.read(buffer)));
        }
    },
    /** By continuations in place of a thread. */
    CALLBACKS {
        @Override
        void serve(SoakWorld world, SoakSession session) {
            throw new AssertionError("has no body");
        }
    };

    private static final int STREAM_BUFFER = 1000;

    /** Until the peer has finished, or something ends it. */
    abstract void serve(SoakWorld world, SoakSession session) throws Exception;
}
