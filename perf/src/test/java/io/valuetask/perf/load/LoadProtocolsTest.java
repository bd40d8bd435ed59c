package io.valuetask.perf.load;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.util.ReferenceCountUtil;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static io.valuetask.perf.load.LoadScene.counted;
import static io.valuetask.perf.load.LoadScene.options;
import static io.valuetask.perf.load.LoadScene.run;
import static org.assertj.core.api.Assertions.assertThat;

/** Each protocol, in both loops, with answers that are verified. */
@Timeout(60)
class LoadProtocolsTest {
    private static TestServer server(String scheme, boolean http2) throws Exception {
        return switch (scheme) {
            case "tcp" -> TestServer.echo();
            case "tls" -> TestServer.tlsEcho();
            case "http" -> http2 ? TestServer.http2(false) : TestServer.http();
            default -> http2 ? TestServer.http2(true) : TestServer.https();
        };
    }

    @ParameterizedTest
    @CsvSource({"tcp,false", "tls,false", "http,false", "https,false", "http,true", "https,true"})
    void run_closedLoop_everyAnswerIsGood(String scheme, boolean http2) throws Exception {
        try (TestServer server = server(scheme, http2)) {
            LoadOptions options = options(scheme, server.port());
            options.http2 = http2;
            options.pipelining = 3;
            options.expectedBody = scheme.startsWith("http") ? TestServer.BODY : null;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
            assertThat(result.count(LoadCounter.OK)).isEqualTo(result.count(LoadCounter.SENT))
                    .isEqualTo(result.latency().getTotalCount()).isPositive();
            assertThat(result.count(LoadCounter.OPENED)).isEqualTo(4);
            assertThat(Arrays.stream(result.series().ok()).sum())
                    .isLessThanOrEqualTo(result.count(LoadCounter.OK));
            assertThat(result.setup().describeLoop()).startsWith("CLOSED LOOP");
        }
    }

    @ParameterizedTest
    @CsvSource({"tcp,false", "http,false", "https,true"})
    void run_openLoopOnTwoEventLoops_everyAnswerIsGood(String scheme, boolean http2) throws Exception {
        try (TestServer server = server(scheme, http2)) {
            LoadOptions options = options(scheme, server.port());
            options.http2 = http2;
            options.loops = 2;
            options.rate = 200.0;
            options.arrivals = "poisson";

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
            assertThat(result.count(LoadCounter.OK)).isEqualTo(result.count(LoadCounter.SENT)).isBetween(20L,
                    120L);
            assertThat(result.setup().describeLoop())
                    .startsWith("OPEN LOOP, 200 per second, poisson (seed 1)");
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void run_httpAnswerIsNotTheExpectedOne_countsBadPayload(boolean http2) throws Exception {
        try (TestServer server = server("http", http2)) {
            for (int wrong = 0; wrong < 3; wrong++) {
                LoadOptions options = options("http", server.port());
                options.http2 = http2;
                options.expectedStatus = wrong == 0 ? 204 : 0;
                options.expectedLength = wrong == 1 ? 12 : -1;
                options.expectedBody = wrong == 2 ? "Hello, World?" : null;

                LoadResult result = run(options);

                assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.BAD_PAYLOAD);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    void run_httpWithPayload_sendsBodies(boolean http2) throws Exception {
        try (TestServer server = server("http", http2)) {
            LoadOptions options = options("http", server.port());
            options.http2 = http2;
            options.payload = 100_000;
            options.headers.add("X-Test: yes");

            assertThat(counted(run(options))).containsOnlyKeys(LoadCounter.SENT, LoadCounter.OK);
        }
    }

    @Test
    void run_http2AtAServerWithoutIt_countsConnectErrors() throws Exception {
        try (TestServer server = TestServer.https()) {
            LoadOptions options = options("https", server.port());
            options.http2 = true;

            assertThat(counted(run(options))).containsOnlyKeys(LoadCounter.CONNECT_ERROR);
        }
    }

    @Test
    void run_http2NobodyAnswers_countsTimeouts() throws Exception {
        try (TestServer server = TestServer.of(channel -> List.of(
                Http2FrameCodecBuilder.forServer().build(),
                new Http2MultiplexHandler(new Swallow())))) {
            LoadOptions options = options("http", server.port());
            options.http2 = true;
            options.timeoutSeconds = 0.05;

            LoadResult result = run(options);

            assertThat(counted(result)).containsOnlyKeys(LoadCounter.SENT, LoadCounter.TIMEOUT);
            assertThat(result.count(LoadCounter.TIMEOUT)).isEqualTo(result.count(LoadCounter.SENT));
        }
    }

    @ChannelHandler.Sharable
    private static final class Swallow extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            ReferenceCountUtil.release(message);
        }
    }
}
