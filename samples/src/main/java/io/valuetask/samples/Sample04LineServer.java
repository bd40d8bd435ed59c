// $ java -jar samples/target/netty-valuetask-samples.jar line-server
package io.valuetask.samples;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.util.CharsetUtil;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import io.valuetask.stream.ChannelStream;
import io.valuetask.stream.DelimiterNotFoundException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Keeps values under names and speaks lines: {@code set NAME VALUE}, {@code get NAME}. Shows a
 * {@link ChannelStream}: bounded lines in, buffered answers out, which leave when no request is waiting.
 */
@Command(name = "line-server", mixinStandardHelpOptions = true, description = "Keeps values under names, and speaks lines.")
public final class Sample04LineServer implements SampleCommand {
    private static final int LONGEST_LINE = 1024;
    private static final Map<String, String> VALUES = new ConcurrentHashMap<>();

    @Mixin
    private SampleServer server;

    public static void main(String... arguments) {
        Samples.run(new Sample04LineServer(), arguments);
    }

    @Override
    public void run() throws SampleException {
        server.start(ValueTaskChannelInitializer.serve(Sample04LineServer::serve));
    }

    static void serve(ValueTaskChannel<ByteBuf, ByteBuf> channel) throws Exception {
        try (ChannelStream stream = new ChannelStream(channel)) {
            answerLines(stream);
        }
    }

    private static void answerLines(ChannelStream stream) throws Exception {
        ByteBuf line = Unpooled.buffer(LONGEST_LINE);
        try {
            while (stream.readUntil((byte) '\n', line.clear(), LONGEST_LINE).await() > 0) {
                send(stream, answer(line.toString(CharsetUtil.UTF_8).strip()));
                if (stream.available() == 0) {
                    stream.flush().await();
                }
            }
        } catch (DelimiterNotFoundException tooLong) {
            send(stream, "error: a line has at most " + LONGEST_LINE + " bytes");
            stream.flush().await();
        }
    }

    private static void send(ChannelStream stream, String answer) throws Exception {
        stream.write(ByteBufUtil.writeUtf8(stream.channel().channel().alloc(), answer + "\n")).await();
    }

    private static String answer(String request) {
        String[] words = request.split(" ", 3);
        if (words.length == 3 && words[0].equals("set")) {
            VALUES.put(words[1], words[2]);
            return "ok";
        } else if (words.length == 2 && words[0].equals("get")) {
            return VALUES.getOrDefault(words[1], "");
        }
        return "error: expected 'set NAME VALUE' or 'get NAME'";
    }
}
/*
listening on port 8007

$ printf 'set colour blue\nget colour\n' | nc -q 1 localhost 8007
ok
blue
*/
