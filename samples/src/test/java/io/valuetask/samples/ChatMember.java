package io.valuetask.samples;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A member of the chat, by a socket of the JDK. */
final class ChatMember implements AutoCloseable {
    private final Socket socket = new Socket();
    private final BufferedReader lines;

    /** Connects; with a small window, so that what is not read does not disappear in the system's buffers. */
    ChatMember(int port) throws IOException {
        socket.setReceiveBufferSize(4096);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(30_000);
        socket.setTcpNoDelay(true);
        lines = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    /** Connects, says the name, and waits until it is welcome and {@code witness} is told of it, if there is one. */
    static ChatMember join(int port, String name, ChatMember witness) throws IOException {
        ChatMember member = offer(port, name);
        member.expect("* welcome, " + name);
        if (witness != null) {
            witness.expect("* " + name + " is here");
        }
        return member;
    }

    /** Connects and says the name. */
    static ChatMember offer(int port, String name) throws IOException {
        ChatMember member = new ChatMember(port);
        member.expect("* your name?");
        member.say(name);
        return member;
    }

    void say(String line) throws IOException {
        send(line + "\n");
    }

    void send(String text) throws IOException {
        OutputStream out = socket.getOutputStream();
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The next line, null at the end. */
    String line() throws IOException {
        return lines.readLine();
    }

    /** Reads the next line, which must be this one. */
    void expect(String expected) throws IOException {
        String line = line();
        if (!expected.equals(line)) {
            throw new AssertionError("expected '" + expected + "', got '" + line + "'");
        }
    }

    /** Leaves so that what was said gets there: to close while lines are unread would reset the connection. */
    void leave() throws IOException {
        socket.shutdownOutput();
    }

    /** Leaves without a word. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
