package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A handler that never completes what it was given: such a write ends with the channel or the handler, R9. */
class SwallowedWriteTest {
    private static void addSwallower(Channel channel) {
        channel.pipeline().addLast(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ReferenceCountUtil.release(message);
            }
        });
    }

    /** What ends a connection, or the handler's part in it. */
    enum Ending {
        PEER_RESETS {
            @Override
            void end(Loopback loopback) throws Exception {
                loopback.reset();
            }
        },
        CLOSED_AT_ITS_DEADLINE {
            @Override
            void end(Loopback loopback) {
                loopback.server().close();
            }
        },
        NETTYS_CHANNEL_IS_CLOSED {
            @Override
            void end(Loopback loopback) {
                loopback.server().channel().close();
            }
        },
        HANDLER_IS_REMOVED {
            @Override
            void end(Loopback loopback) {
                loopback.server().channel().pipeline().remove(ValueTaskHandler.class);
            }
        },
        LOOP_ENDS {
            @Override
            void end(Loopback loopback) {
                loopback.server().channel().eventLoop().parent()
                        .shutdownGracefully(0, Call.LIMIT_SECONDS, TimeUnit.SECONDS);
            }
        };

        abstract void end(Loopback loopback) throws Exception;
    }

    static List<Arguments> endings() {
        List<Arguments> all = new ArrayList<>();
        for (Transport transport : Transport.available()) {
            for (Ending ending : Ending.values()) {
                all.add(Arguments.of(transport, ending));
            }
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("endings")
    void swallowedWrites_andWhatWaitsBehindThem_endWithTheChannel(Transport transport, Ending ending)
            throws Exception {
        ValueTaskChannelOptions impatient = ValueTaskChannelOptions.DEFAULTS
                .closeDeadline(Duration.ofMillis(20));
        try (Loopback loopback = Loopback.on(transport).options(impatient)
                .serverPipeline(SwallowedWriteTest::addSwallower).connectSocket()) {
            ValueTaskChannel<ByteBuf, ByteBuf> server = loopback.server();
            List<Call<Void>> calls = new ArrayList<>();
            for (Call.By caller : Call.By.values()) {
                calls.add(
                        caller.start(server, () -> server.writeAndFlush(Bytes.of("swallowed")))
                                .awaitWaiting());
                calls.add(caller.start(server, server::flush).awaitWaiting());
            }
            calls.add(Call.By.LOOP.start(server, server::shutdownOutput).awaitWaiting());

            ending.end(loopback);

            for (Call<Void> call : calls) {
                assertThat(call.failure()).isInstanceOf(IOException.class);
            }
            if (ending != Ending.LOOP_ENDS) {
                loopback.awaitServerLoop();
            }
            assertThat(server.toString()).contains("inFlight=0");
        }
    }

    @Test
    void swallowedWrite_whenThePromiseIsNaive_neverEnds() {
        ChannelOutboundHandlerAdapter last = new ChannelOutboundHandlerAdapter();
        EmbeddedChannel embedded = new EmbeddedChannel();
        addSwallower(embedded);
        embedded.pipeline().addLast(last);
        NaivePromise promise = new NaivePromise(embedded);
        List<Throwable> told = new ArrayList<>();
        promise.arm(told::add);
        embedded.pipeline().context(last).writeAndFlush(Bytes.of("swallowed"), promise.promise());

        embedded.finishAndReleaseAll();

        assertThat(embedded.isOpen()).isFalse();
        assertThat(told).isEmpty();
    }
}
