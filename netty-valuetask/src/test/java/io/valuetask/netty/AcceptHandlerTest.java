package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.DefaultChannelId;
import io.netty.channel.embedded.EmbeddedChannel;
import io.valuetask.CancellationToken;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

/** When the server channel asks for connections, one step at a time. */
class AcceptHandlerTest {
    private static final IOException TOO_MANY = new IOException("Too many open files");

    private final AcceptHandler<Object, Object> handler = new AcceptHandler<>();
    private final EmbeddedChannel server = new EmbeddedChannel(new Requests(), handler, new Acceptor());
    private int requests;

    /** What reaches the transport, without the request that only serves to withdraw another one. */
    private final class Requests extends ChannelOutboundHandlerAdapter {
        @Override
        public void read(ChannelHandlerContext ctx) {
            if (!ctx.channel().config().isAutoRead()) {
                requests++;
            }
            ctx.read();
        }
    }

    /** As Netty's. */
    private static final class Acceptor extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
            ((EmbeddedChannel) message).register();
        }
    }

    /** A connection that arrives; it is ready when the event gets there, if it is not delayed. */
    private static EmbeddedChannel connection(boolean delayed) {
        return new EmbeddedChannel(DefaultChannelId.newInstance(), false, false,
                new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        if (delayed) {
                            channel.pipeline().addLast(new ChannelInboundHandlerAdapter() {
                                @Override
                                public void channelActive(ChannelHandlerContext ctx) {
                                    // Passed on by nobody.
                                }
                            });
                        }
                        new PipelineRecipe(null, ValueTaskChannelOptions.DEFAULTS, pipeline -> {})
                                .apply(channel.pipeline(), Arrival.of(channel)::ready);
                    }
                });
    }

    private EmbeddedChannel arrive(boolean delayed) {
        EmbeddedChannel connection = connection(delayed);
        server.pipeline().fireChannelRead(connection);
        server.pipeline().fireChannelReadComplete();
        server.runPendingTasks();
        return connection;
    }

    /** As the transports report it: nothing was read, and then the failure. */
    private void fail(Throwable cause) {
        server.pipeline().fireChannelReadComplete();
        server.pipeline().fireExceptionCaught(cause);
    }

    private ValueTaskChannel<Object, Object> take() throws Exception {
        ValueTask<ValueTaskChannel<Object, Object>> accept = ValueTask.fromSource(handler.accepts(),
                handler.accepts().read(CancellationToken.NONE));
        ValueTaskChannel<Object, Object> taken = accept.result();
        server.runPendingTasks();
        return taken;
    }

    // How many

    @Test
    void channelActive_atTheBeginning_asksForOneAndSwitchesAutoReadOff() {
        assertThat(requests).isEqualTo(1);
        assertThat(server.config().isAutoRead()).isFalse();
    }

    /** They hold their places, and only those: a connection that is taken makes room for another one. */
    @Test
    void accept_whileOtherConnectionsStayInactive_asksForAnother() throws Exception {
        List<EmbeddedChannel> inactive = new ArrayList<>();
        for (int i = 0; i < AcceptHandler.HELD / 2; i++) {
            inactive.add(arrive(true));
        }
        for (int i = 0; i < AcceptHandler.HELD / 2; i++) {
            arrive(false);
        }
        int before = requests;
        server.pipeline().fireChannelReadComplete();
        assertThat(requests).as("full").isEqualTo(before);

        take().close();
        assertThat(requests).as("one is taken").isEqualTo(before + 1);

        arrive(false);
        inactive.get(0).close();
        server.runPendingTasks();
        assertThat(requests).as("one is gone").isEqualTo(before + 2);
    }

    @Test
    void arrivals_thatNobodyTakes_areHeldUpToTheLimit() throws Exception {
        List<EmbeddedChannel> arrived = new ArrayList<>();
        for (int i = 1; i < AcceptHandler.HELD; i++) {
            arrived.add(arrive(false));
        }
        assertThat(requests).as("asks while there is room").isGreaterThanOrEqualTo(AcceptHandler.HELD);
        int before = requests;

        arrived.add(arrive(false));
        server.pipeline().fireChannelReadComplete();
        assertThat(requests).as("full").isEqualTo(before);

        for (int i = 0; i < AcceptHandler.HELD; i++) {
            assertThat(take().channel()).isSameAs(arrived.get(i));
        }
        assertThat(requests).as("taken").isGreaterThan(before);
    }

    @Test
    void arrivals_thatAreNotReady_countToo() {
        List<EmbeddedChannel> arriving = new ArrayList<>();
        for (int i = 0; i < AcceptHandler.HELD; i++) {
            arriving.add(arrive(true));
        }
        int before = requests;
        server.pipeline().fireChannelReadComplete();
        assertThat(requests).isEqualTo(before);
        assertThat(handler.describe()).contains("queued=0", "arriving=" + AcceptHandler.HELD);

        arriving.get(3).close();
        server.runPendingTasks();
        assertThat(requests).as("one is gone").isEqualTo(before + 1);

        EmbeddedChannel ready = arriving.get(5);
        ready.pipeline().get(HandOver.class).channelActive(ready.pipeline().context(HandOver.class));
        server.runPendingTasks();
        assertThat(handler.describe()).contains("queued=1", "arriving=" + (AcceptHandler.HELD - 2));
    }

    @Test
    void close_whileAConnectionIsOnItsWay_closesThat() {
        EmbeddedChannel delayed = arrive(true);

        server.close();

        assertThat(delayed.isOpen()).isFalse();
    }

    // What fails

    @Test
    void failures_inARow_areTriedAgainAfterDoublingDelays() {
        server.freezeTime();
        for (long millis : new long[]{5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000}) {
            fail(TOO_MANY);
            int before = requests;
            server.pipeline().fireChannelReadComplete();
            server.advanceTimeBy(TimeUnit.MILLISECONDS.toNanos(millis) - 1, TimeUnit.NANOSECONDS);
            server.runPendingTasks();
            assertThat(requests).as("before %s ms are over", millis).isEqualTo(before);

            server.advanceTimeBy(1, TimeUnit.NANOSECONDS);
            server.runPendingTasks();
            assertThat(requests).as("after %s ms", millis).isEqualTo(before + 1);
            assertThat(server.config().isAutoRead()).isFalse();
        }
    }

    @Test
    void failures_afterASuccess_beginWithTheShortestDelay() {
        server.freezeTime();
        fail(TOO_MANY);
        server.advanceTimeBy(5, TimeUnit.MILLISECONDS);
        server.runPendingTasks();
        fail(TOO_MANY);
        server.advanceTimeBy(10, TimeUnit.MILLISECONDS);
        server.runPendingTasks();
        arrive(false);

        fail(TOO_MANY);
        int before = requests;
        server.advanceTimeBy(5, TimeUnit.MILLISECONDS);
        server.runPendingTasks();

        assertThat(requests).isEqualTo(before + 1);
    }

    /** A request that was made before is still with the transport, and would make it spin. */
    @Test
    void failure_withARequestStanding_withdrawsIt() {
        boolean[] withdrawn = new boolean[1];
        EmbeddedChannel channel = new EmbeddedChannel(new ChannelOutboundHandlerAdapter() {
            @Override
            public void read(ChannelHandlerContext ctx) {
                withdrawn[0] |= ctx.channel().config().isAutoRead();
                ctx.read();
            }
        }, new AcceptHandler<>());
        assertThat(withdrawn[0]).isFalse();

        channel.pipeline().fireExceptionCaught(TOO_MANY);

        assertThat(withdrawn[0]).as("AUTO_READ was on for a moment").isTrue();
        assertThat(channel.config().isAutoRead()).isFalse();
    }

    @Test
    void failures_untilItHasRecovered_areReportedOnce() throws Exception {
        try (Warnings warnings = new Warnings()) {
            IOException first = new IOException("first");
            fail(first);
            fail(TOO_MANY);
            for (int i = 1; i < AcceptBackoff.SUCCESSES_TO_RECOVER; i++) {
                arrive(false).close();
                take();
            }
            fail(TOO_MANY);
            assertThat(warnings.thrown()).as("not recovered").containsExactly(first);
            for (int i = 0; i < AcceptBackoff.SUCCESSES_TO_RECOVER; i++) {
                arrive(false).close();
                take();
            }

            IOException second = new IOException("second");
            fail(second);

            assertThat(warnings.thrown()).containsExactly(first, second);
        }
    }

    /** Without files, classes that a log needs cannot be loaded, the first time or ever. Netty would log what is thrown. */
    @Test
    void failures_thatCannotBeLogged_areTriedAgainAndLoggedWhenThatIsPossible() {
        server.freezeTime();
        ChannelHandlerContext context = server.pipeline().context(handler);
        try (Warnings warnings = new Warnings()) {
            warnings.failWith(new NoClassDefFoundError("planted"));
            assertThatCode(() -> handler.exceptionCaught(context, TOO_MANY)).doesNotThrowAnyException();
            assertThat(warnings.thrown()).isEmpty();
            int before = requests;
            server.advanceTimeBy(5, TimeUnit.MILLISECONDS);
            server.runPendingTasks();
            assertThat(requests).isEqualTo(before + 1);

            warnings.failWith(null);
            fail(TOO_MANY);

            assertThat(warnings.thrown()).containsExactly(TOO_MANY);
        }
        server.close();
    }
}
