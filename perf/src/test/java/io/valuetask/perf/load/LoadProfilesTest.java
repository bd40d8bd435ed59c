package io.valuetask.perf.load;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static io.valuetask.perf.load.LoadScene.counted;
import static io.valuetask.perf.load.LoadScene.options;
import static io.valuetask.perf.load.LoadScene.outcomes;
import static io.valuetask.perf.load.LoadScene.run;
import static org.assertj.core.api.Assertions.assertThat;

/** Clients that come and go, finish early, or are slow. */
@Timeout(60)
class LoadProfilesTest {
    @Test
    void run_requestsPerConnection_opensNewOnes() throws Exception {
        try (TestServer server = TestServer.echo()) {
            LoadOptions options = options("tcp", server.port());
            options.requestsPerConnection = 3;
            options.pipelining = 2;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
            long sent = result.count(LoadCounter.SENT);
            assertThat(sent).isGreaterThan(12);
            assertThat(result.count(LoadCounter.OPENED)).isBetween((sent + 2) / 3, sent / 3 + 8);
        }
    }

    @Test
    void run_http2RequestsPerConnection_opensNewOnes() throws Exception {
        try (TestServer server = TestServer.http2(false)) {
            LoadOptions options = options("http", server.port());
            options.http2 = true;
            options.requestsPerConnection = 3;
            options.pipelining = 2;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
            assertThat(result.count(LoadCounter.OPENED))
                    .isGreaterThanOrEqualTo(result.count(LoadCounter.SENT) / 3);
        }
    }

    @Test
    void run_halfClose_everyAnswerAndTheFinCome() throws Exception {
        for (String scheme : List.of("tcp", "tls")) {
            try (TestServer server = scheme.equals("tcp") ? TestServer.echo() : TestServer.tlsEcho()) {
                LoadOptions options = options(scheme, server.port());
                options.halfClose = true;
                options.payload = 10_000;
                options.requestsPerConnection = 2;

                LoadResult result = run(options);

                assertThat(counted(result)).as(scheme).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
            }
        }
    }

    @Test
    void run_halfClosedPeerDoesNotFinish_countsNoFin() throws Exception {
        try (TestServer server = TestServer.of(channel -> List.of(new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                context.writeAndFlush(message);
            }
        }))) {
            LoadOptions options = options("tcp", server.port());
            options.halfClose = true;
            options.timeoutSeconds = 0.05;

            LoadResult result = run(options);

            assertThat(result.count(LoadCounter.NO_FIN)).isPositive();
            assertThat(outcomes(result)).isEqualTo(result.count(LoadCounter.SENT));
        }
    }

    @Test
    void run_slowReader_readsNoFaster() throws Exception {
        try (TestServer server = TestServer.echo()) {
            LoadOptions options = options("tcp", server.port());
            options.slowReader = 100_000;
            options.payload = 20_000;
            options.durationSeconds = 0.5;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
            // 20,000 bytes take 200 ms, less the first piece of 5,000, which is paid for later.
            assertThat(result.latency().getMinValue()).isGreaterThanOrEqualTo(140_000_000);
        }
    }

    @Test
    void run_slowWriter_sendsNoFasterAndInPieces() throws Exception {
        AtomicLong pieces = new AtomicLong();
        try (TestServer server = TestServer.bytes((context, message) -> {
            pieces.incrementAndGet();
            context.writeAndFlush(message);
        })) {
            LoadOptions options = options("tcp", server.port());
            options.slowWriter = 100_000;
            options.payload = 20_000;
            options.durationSeconds = 0.5;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
            assertThat(result.latency().getMinValue()).isGreaterThanOrEqualTo(140_000_000);
            assertThat(pieces.get()).isGreaterThan(result.count(LoadCounter.SENT));
        }
    }

    @Test
    void run_slowWriterOfHttp_isAnswered() throws Exception {
        try (TestServer server = TestServer.https()) {
            LoadOptions options = options("https", server.port());
            options.slowWriter = 20_000;
            options.slowReader = 20_000;
            options.pipelining = 2;

            assertThat(counted(run(options))).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
        }
    }
}
