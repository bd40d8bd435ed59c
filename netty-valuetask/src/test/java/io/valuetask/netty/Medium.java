package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.local.LocalAddress;
import io.netty.channel.local.LocalChannel;
import io.netty.channel.local.LocalIoHandler;
import io.netty.channel.local.LocalServerChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.Set;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** What a connection of the contract goes over: a socket of each transport, or memory. */
enum Medium {
    NIO(Transport.NIO),
    EPOLL(Transport.EPOLL),
    IO_URING(Transport.IO_URING),
    LOCAL(LocalServerChannel.class, LocalChannel.class, EnumSet.of(Trait.LOOP)),
    EMBEDDED(ServerChannel.class, EmbeddedChannel.class, EnumSet.noneOf(Trait.class));

    /** What sockets have and the others may lack; a test that needs one says so. */
    enum Trait {
        /** One direction may end while the other goes on. */
        HALVES("its two directions end together"),
        /** The peer may reset the connection. */
        RESET("it has no reset"),
        /** What the peer does not take stalls the writes behind it. */
        STALL("what is written is in the peer's unbounded queue at once"),
        /** There is an event loop with a thread, which may end. */
        LOOP("its event loop is whichever thread calls, and each call is a turn of it");

        private final String lack;

        Trait(String lack) {
            this.lack = lack;
        }
    }

    private final Transport transport;
    final Class<? extends ServerChannel> serverChannel;
    final Class<? extends Channel> clientChannel;
    private final Set<Trait> traits;

    Medium(Transport transport) {
        this.transport = transport;
        serverChannel = transport.serverChannel;
        clientChannel = transport.clientChannel;
        traits = EnumSet.allOf(Trait.class);
    }

    Medium(Class<? extends ServerChannel> serverChannel, Class<? extends Channel> clientChannel,
            Set<Trait> traits) {
        transport = null;
        this.serverChannel = serverChannel;
        this.clientChannel = clientChannel;
        this.traits = traits;
    }

    static Medium of(Transport transport) {
        return valueOf(transport.name());
    }

    /** Skips the test where the medium lacks what it is about. */
    void requires(Trait trait) {
        assumeTrue(traits.contains(trait), () -> "not over " + this + ": " + trait.lack);
    }

    boolean has(Trait trait) {
        return traits.contains(trait);
    }

    EventLoopGroup newGroup(int loops) {
        return switch (this) {
            case NIO, EPOLL, IO_URING -> transport.newGroup(loops);
            case LOCAL -> new MultiThreadIoEventLoopGroup(loops, LocalIoHandler.newFactory());
            case EMBEDDED -> throw new UnsupportedOperationException("each channel has its own loop");
        };
    }

    /** Any that is free. */
    SocketAddress newAddress() {
        return this == LOCAL
                ? LocalAddress.ANY
                : new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }
}
