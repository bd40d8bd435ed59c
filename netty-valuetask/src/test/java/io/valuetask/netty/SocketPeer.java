package io.valuetask.netty;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;

import static org.assertj.core.api.Assertions.assertThat;

/** A plain socket. */
record SocketPeer(Socket socket) implements Peer {
    /** With a receive buffer of that size; 0 is the system's. */
    static SocketPeer connect(SocketAddress address, int receiveBuffer) throws IOException {
        Socket socket = new Socket();
        socket.setSoTimeout(Call.LIMIT_SECONDS * 1000);
        socket.setTcpNoDelay(true);
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(address);
        return new SocketPeer(socket);
    }

    @Override
    public void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    @Override
    public byte[] receive(int length) throws IOException {
        byte[] bytes = socket.getInputStream().readNBytes(length);
        assertThat(bytes).as("what arrived before the end of the stream").hasSize(length);
        return bytes;
    }

    @Override
    public byte[] receiveAll() throws IOException {
        return socket.getInputStream().readAllBytes();
    }

    @Override
    public void finish() throws IOException {
        socket.shutdownOutput();
    }

    @Override
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
