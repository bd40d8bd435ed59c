package io.valuetask.netty;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.valuetask.ValueTask;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What a thread tells its channel without waiting happens in the order in which it was told, whoever runs the thread: also
 * where a part of it goes through Netty's own methods.
 */
@ParameterizedClass(name = "{0}, called by {1}")
@MethodSource("everyTransportAndThread")
class CarriedOrderTest {
    private static final ValueTaskChannelOptions EXPLICIT = ValueTaskChannelOptions.DEFAULTS
            .flushPolicy(FlushPolicy.EXPLICIT);

    @Parameter(0)
    Transport transport;
    @Parameter(1)
    Call.By by;

    private Loopback loopback;

    static List<Arguments> everyTransportAndThread() {
        List<Arguments> all = new ArrayList<>();
        for (Transport transport : Transport.available()) {
            for (Call.By by : Call.By.values()) {
                if (by != Call.By.LOOP) {
                    all.add(Arguments.of(transport, by));
                }
            }
        }
        return all;
    }

    /** Writes twice what it is to write. */
    private static final class Doubler extends ChannelOutboundHandlerAdapter {
        @Override
        public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
            String text = Bytes.text((ByteBuf) message);
            ctx.write(Bytes.of(text + text), promise);
        }
    }

    @BeforeEach
    void connect() throws Exception {
        loopback = Loopback.on(transport).options(EXPLICIT).connectSocket();
    }

    @AfterEach
    void close() {
        loopback.close();
    }

    private ValueTaskChannel<ByteBuf, ByteBuf> server() {
        return loopback.server();
    }

    private <T> T run(Callable<T> body) throws Throwable {
        return by.run(server(), body).result();
    }

    private void write(String text) {
        server().write(Bytes.of(text)).discard();
    }

    private void assertReceived(String text) throws IOException {
        assertThat(new String(loopback.receive(text.length()))).isEqualTo(text);
    }

    private void assertEnd() throws IOException {
        assertThat(loopback.socket().getInputStream().read()).isEqualTo(-1);
    }

    @Test
    void writes_ofEveryForm_keepTheirOrder() throws Throwable {
        run(() -> {
            write("1");
            server().writeAndFlush(Bytes.of("2")).discard();
            server().writeAll(List.of(Bytes.of("3"), Bytes.of("4"))).discard();
            server().send(Bytes.of("5")).await();
            write("6");
            return server().flush().await();
        });

        assertReceived("123456");
    }

    @Test
    void flush_takesWhatWasWrittenBefore() throws Throwable {
        ValueTask<Void> later = run(() -> {
            write("1");
            ValueTask<Void> flush = server().flush();
            ValueTask<Void> behind = server().write(Bytes.of("2"));
            flush.await();
            return behind;
        });

        assertReceived("1");
        loopback.awaitServerLoop();
        assertThat(later.isCompleted()).as("what was written behind the flush").isFalse();
        run(() -> server().flush().await());
        later.await();
    }

    @Test
    void close_letsOutWhatWasWrittenBeforeAndNothingElse() throws Throwable {
        List<ValueTask<Void>> writes = run(() -> {
            List<ValueTask<Void>> started = new ArrayList<>();
            started.add(server().write(Bytes.of("1")));
            started.add(server().writeAll(List.of(Bytes.of("2"), Bytes.of("3"))));
            server().close();
            started.add(server().write(Bytes.of("4")));
            return started;
        });

        assertReceived("123");
        assertEnd();
        assertThat(server().closed().await()).isEqualTo(new CloseReason.Local());
        writes.get(0).await();
        writes.get(1).await();
        assertThat(Call.By.VIRTUAL.start(server(), () -> writes.get(2)).failure())
                .isInstanceOf(IOException.class);
    }

    @Test
    void shutdownOutput_letsOutWhatWasWrittenBeforeAndNothingElse() throws Throwable {
        ValueTask<Void> late = run(() -> {
            write("1");
            ValueTask<Void> shutdown = server().shutdownOutput();
            ValueTask<Void> behind = server().writeAndFlush(Bytes.of("2"));
            shutdown.await();
            return behind;
        });

        assertReceived("1");
        assertEnd();
        assertThat(Call.By.VIRTUAL.start(server(), () -> late).failure()).isInstanceOf(IOException.class);
        loopback.send("x");
        assertThat(Bytes.text(run(() -> server().read().await()))).isEqualTo("x");
    }

    @Test
    void upgrade_comesBehindWhatWasWrittenBeforeAndAheadOfTheNextProtocol() throws Throwable {
        run(() -> {
            write("old");
            ValueTaskChannel<ByteBuf, ByteBuf> next = server()
                    .<ByteBuf, ByteBuf>upgrade(pipeline -> pipeline.addLast(new Doubler())).await();
            next.write(Bytes.of("new")).discard();
            return next.flush().await();
        });

        assertReceived("oldnewnew");
    }

    /** As anybody does who mixes both. */
    @Test
    void writes_throughNettyAndThroughUs_keepTheirOrder() throws Throwable {
        run(() -> {
            server().channel().write(Bytes.of("1"));
            write("2");
            server().channel().write(Bytes.of("3"));
            write("4");
            return server().flush().await();
        });

        assertReceived("1234");
    }

    @Test
    void nettysClose_comesBehindWhatWasWrittenBefore() throws Throwable {
        run(() -> {
            server().writeAndFlush(Bytes.of("1")).discard();
            server().flush().discard();
            return server().channel().close();
        });

        assertReceived("1");
        assertEnd();
    }

    /** Such as TLS, in the middle of a protocol: what is written next is not to leave in the clear. */
    @Test
    void handler_thatIsAddedThroughNetty_seesWhatIsWrittenNext() throws Throwable {
        run(() -> {
            write("old");
            server().channel().pipeline().addFirst(new Doubler());
            write("new");
            return server().flush().await();
        });

        assertReceived("oldnewnew");
    }
}
