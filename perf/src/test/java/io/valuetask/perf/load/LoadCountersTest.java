package io.valuetask.perf.load;

import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.net.ServerSocket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static io.valuetask.perf.load.LoadScene.counted;
import static io.valuetask.perf.load.LoadScene.options;
import static io.valuetask.perf.load.LoadScene.outcomes;
import static io.valuetask.perf.load.LoadScene.run;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Every way in which an operation can end has a counter of its own. */
@Timeout(60)
class LoadCountersTest {
    @ParameterizedTest
    @ValueSource(strings = {"nio", "auto"})
    void run_portRefuses_countsTheAttempts(String transport) throws Exception {
        LoadOptions options = options("tcp", closedPort());
        options.requestedTransport = transport;

        LoadResult result = run(options);

        assertThat(counted(result)).containsOnlyKeys(LoadCounter.REFUSED);
        assertThat(result.count(LoadCounter.REFUSED)).isGreaterThanOrEqualTo(4);
    }

    @Test
    void run_portRefusesAtFirst_fails() throws Exception {
        LoadOptions options = options("tcp", closedPort());
        assertThatThrownBy(() -> new LoadRun(options, new LoadProgress(true)).run(true))
                .isInstanceOf(LoadFailure.class)
                .hasMessageMatching("cannot connect to tcp://localhost:\\d+: .*refused.*");
    }

    private static int closedPort() throws Exception {
        try (ServerSocket closedAtOnce = new ServerSocket(0)) {
            return closedAtOnce.getLocalPort();
        }
    }

    @Test
    void run_noTls_countsConnectErrors() throws Exception {
        try (TestServer server = TestServer.bytes((context, message) -> {
            message.release();
            context.close();
        })) {
            LoadResult result = run(options("tls", server.port()));
            assertThat(counted(result)).containsOnlyKeys(LoadCounter.CONNECT_ERROR);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "auto"})
    void run_peerResets_countsResets(String transport) throws Exception {
        try (TestServer server = TestServer.bytes((context, message) -> {
            message.release();
            context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            context.close();
        })) {
            LoadOptions options = options("tcp", server.port());
            options.requestedTransport = transport;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.RESET);
            assertThat(result.count(LoadCounter.RESET)).isEqualTo(result.count(LoadCounter.SENT));
            assertThat(result.count(LoadCounter.OPENED)).isGreaterThanOrEqualTo(4);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nio", "auto"})
    void run_peerClosesInstead_countsClosed(String transport) throws Exception {
        try (TestServer server = TestServer.bytes((context, message) -> {
            message.release();
            context.close();
        })) {
            LoadOptions options = options("tcp", server.port());
            options.requestedTransport = transport;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.CLOSED);
            assertThat(result.count(LoadCounter.CLOSED)).isEqualTo(result.count(LoadCounter.SENT));
        }
    }

    @Test
    void run_peerNeverAnswers_countsTimeouts() throws Exception {
        try (TestServer server = TestServer.bytes((context, message) -> message.release())) {
            LoadOptions options = options("tcp", server.port());
            options.pipelining = 3;
            options.timeoutSeconds = 0.05;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.TIMEOUT);
            assertThat(result.count(LoadCounter.TIMEOUT)).isEqualTo(result.count(LoadCounter.SENT))
                    .isGreaterThanOrEqualTo(12);
        }
    }

    @Test
    void run_graceIsShorterThanTheTimeout_countsWhatIsInFlight() throws Exception {
        try (TestServer server = TestServer.bytes((context, message) -> message.release())) {
            LoadOptions options = options("tcp", server.port());
            options.graceSeconds = 0;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.IN_FLIGHT_AT_END);
            assertThat(result.count(LoadCounter.IN_FLIGHT_AT_END)).isEqualTo(4);
        }
    }

    @Test
    void run_oneByteDiffers_countsThatAnswer() throws Exception {
        AtomicInteger messages = new AtomicInteger();
        try (TestServer server = TestServer.bytes((context, message) -> {
            if (messages.incrementAndGet() == 5) {
                int last = message.writerIndex() - 1;
                message.setByte(last, message.getByte(last) ^ 1);
            }
            context.writeAndFlush(message);
        })) {
            LoadResult result = run(options("tcp", server.port()));

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK,
                    LoadCounter.BAD_PAYLOAD);
            assertThat(result.count(LoadCounter.BAD_PAYLOAD)).isEqualTo(1);
            assertThat(outcomes(result)).isEqualTo(result.count(LoadCounter.SENT));
        }
    }

    @Test
    void run_peerSendsUnasked_countsBadPayload() throws Exception {
        AtomicInteger messages = new AtomicInteger();
        try (TestServer server = TestServer.bytes((context, message) -> {
            if (messages.incrementAndGet() == 5) {
                context.write(message.retainedDuplicate());
            }
            context.writeAndFlush(message);
        })) {
            LoadResult result = run(options("tcp", server.port()));
            assertThat(result.count(LoadCounter.BAD_PAYLOAD)).isPositive();
        }
    }

    @Test
    void run_capIsReached_skipsAndCounts() throws Exception {
        try (TestServer server = TestServer
                .bytes((context, message) -> ReferenceCountUtil.release(message))) {
            LoadOptions options = options("tcp", server.port());
            options.rate = 1000.0;
            options.maxInFlight = 10;
            options.graceSeconds = 0;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.SKIPPED,
                    LoadCounter.IN_FLIGHT_AT_END, LoadCounter.WAITING_AT_END);
            assertThat(result.count(LoadCounter.IN_FLIGHT_AT_END)).as("one on each connection").isEqualTo(4);
            assertThat(result.count(LoadCounter.WAITING_AT_END)).as("the rest of the cap").isEqualTo(6);
            assertThat(result.count(LoadCounter.SKIPPED)).as("the rest of 300 that were due").isEqualTo(290);
            assertThat(result.count(LoadCounter.WAITED)).isBetween(6L, 10L);
        }
    }

    @Test
    void run_openLoop_sendsAllThatIsDue() throws Exception {
        try (TestServer server = TestServer.bytes((context, message) -> context.writeAndFlush(message))) {
            LoadOptions options = options("tcp", server.port());
            options.rate = 500.0;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK)
                    .containsEntry(LoadCounter.SENT, 150L).containsEntry(LoadCounter.OK, 150L);
            assertThat(result.latency().getTotalCount()).isEqualTo(150);
            assertThat(result.lateness().getTotalCount()).isEqualTo(150);
            assertThat(result.latency().getMean()).isGreaterThanOrEqualTo(result.service().getMean());
        }
    }
}
