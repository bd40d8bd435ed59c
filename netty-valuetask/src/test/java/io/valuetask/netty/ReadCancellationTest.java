package io.valuetask.netty;

import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.CancellationTokenSource;
import io.valuetask.ValueTask;
import io.valuetask.testing.Reachability;
import java.io.IOException;
import java.lang.ref.WeakReference;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a read and a cancellation token keep of each other. How the one cancels the other is in the conformance tests. */
class ReadCancellationTest {
    private final ValueTaskHandler<String, Object> handler = new ValueTaskHandler<>();
    private final EmbeddedChannel channel = new EmbeddedChannel(handler);
    private final CancellationTokenSource cancellation = new CancellationTokenSource();
    private ValueTask<String> pending;

    /** If it was registered, the read that is not consumed yet would hold the source. */
    @Test
    void read_ofAMessageThatIsThere_doesNotRegister() throws Exception {
        channel.pipeline().fireChannelRead("x");

        Reachability.awaitUnreachable(readWithATokenThatIsForgotten(), "the read");

        assertThat(pending.result()).isEqualTo("x");
    }

    @Test
    void read_thatWasConsumed_doesNotHoldTheSourceOfItsToken() throws Exception {
        WeakReference<CancellationTokenSource> source = readWithATokenThatIsForgotten();
        channel.pipeline().fireChannelRead("x");
        assertThat(pending.result()).isEqualTo("x");

        Reachability.awaitUnreachable(source, "the channel");
    }

    private WeakReference<CancellationTokenSource> readWithATokenThatIsForgotten() {
        CancellationTokenSource source = new CancellationTokenSource();
        pending = handler.channel().read(source.token());
        return new WeakReference<>(source);
    }

    @Test
    void token_ofAReadThatWasConsumed_doesNotHoldTheChannel() throws Exception {
        Reachability.awaitUnreachable(readOfAChannelThatIsForgotten(), "the token");

        assertThat(cancellation.cancel()).isTrue();
    }

    private WeakReference<?> readOfAChannelThatIsForgotten() throws IOException {
        ValueTaskHandler<String, Object> forgotten = new ValueTaskHandler<>();
        EmbeddedChannel itsChannel = new EmbeddedChannel(forgotten);
        ValueTask<String> read = forgotten.channel().read(cancellation.token());
        itsChannel.pipeline().fireChannelRead("x");
        assertThat(read.result()).isEqualTo("x");
        itsChannel.finish();
        return new WeakReference<>(forgotten);
    }
}
