package io.valuetask.netty;

import io.valuetask.netty.Medium.Trait;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A peer that has finished sending is still answered, and more than its socket takes at once. */
class HalfClosedPeerTest extends ValueTaskChannelContract {
    private static final int PIECE = 1024 * 1024;
    private static final int PIECES = 4;

    private Loopback connectToAStallingPeer() throws Exception {
        requires(Trait.HALVES);
        requires(Trait.STALL);
        return newLoopback().smallBuffers().connectPeer();
    }

    @Test
    void writes_whenThePeerHasFinished_waitForItAsOftenAsNeeded() throws Throwable {
        Loopback loopback = connectToAStallingPeer();
        loopback.peer().finish();
        assertThat(read()).isNull();

        for (int i = 0; i < PIECES; i++) {
            Call<Void> write = start(() -> server().writeAndFlush(Bytes.of(Bytes.pattern(PIECE))))
                    .awaitWaiting();
            assertThat(loopback.receive(PIECE)).isEqualTo(Bytes.pattern(PIECE));
            assertThat(write.result()).isNull();
        }
        call(server()::shutdownOutput);

        assertThat(loopback.peer().receiveAll()).isEmpty();
    }

    @Test
    void close_whenThePeerHasFinished_letsEverythingOutFirst() throws Throwable {
        Loopback loopback = connectToAStallingPeer();
        loopback.peer().finish();
        assertThat(read()).isNull();

        start(() -> server().writeAndFlush(Bytes.of(Bytes.pattern(PIECES * PIECE)))).awaitWaiting();
        server().close();

        assertThat(loopback.receive(PIECES * PIECE)).isEqualTo(Bytes.pattern(PIECES * PIECE));
        assertThat(loopback.peer().receiveAll()).isEmpty();
    }
}
