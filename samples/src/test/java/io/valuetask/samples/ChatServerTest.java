package io.valuetask.samples;

import java.io.IOException;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Members with sockets of the JDK, and the server in a JVM of its own with two event loops, which watches every buffer. */
@Timeout(60)
class ChatServerTest {
    private static final String LONG = "x".repeat(480);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    @ParameterizedTest
    @MethodSource("io.valuetask.samples.TcpProxyTest#transports")
    void lines_ofSeveralMembers_reachAllOthersInTheOrderOfEach(String transport) throws Exception {
        int speakers = 4;
        int count = 300;
        try (SampleJvm server = server("--transport", transport)) {
            int port = server.port();
            List<ChatMember> members = joinAll(port, 9);
            List<Future<Map<String, Integer>>> heard = new ArrayList<>();
            for (int i = 0; i < members.size(); i++) {
                ChatMember member = members.get(i);
                int lines = (i < speakers ? speakers - 1 : speakers) * count;
                heard.add(threads.submit(() -> hear(member, lines)));
            }
            for (int i = 0; i < speakers; i++) {
                ChatMember member = members.get(i);
                threads.submit(() -> {
                    for (int number = 0; number < count; number++) {
                        member.say(Integer.toString(number));
                    }
                    return null;
                });
            }
            for (Future<Map<String, Integer>> one : heard) {
                assertThat(one.get(30, TimeUnit.SECONDS).values()).containsOnly(count);
            }
            closeAll(members);
            assertEndsCleanly(server);
        }
    }

    /** Checks that the lines of each speaker count up, and answers how many of each there were. */
    private static Map<String, Integer> hear(ChatMember member, int lines) throws IOException {
        Map<String, Integer> next = new HashMap<>();
        for (int i = 0; i < lines; i++) {
            String[] parts = member.line().split(": ");
            int expected = next.merge(parts[0], 1, Integer::sum) - 1;
            assertThat(parts[1]).as(parts[0]).isEqualTo(Integer.toString(expected));
        }
        return next;
    }

    @Test
    void member_whoDoesNotRead_missesLinesAndIsToldHowManyWhileOthersGoOn() throws Exception {
        int count = 6_000; // 3 MB: more than the system's buffers and the channel's mark
        try (SampleJvm server = server("--policy", "drop-message")) {
            int port = server.port();
            try (ChatMember speaker = ChatMember.join(port, "speaker", null);
                    ChatMember reader = ChatMember.join(port, "reader", speaker);
                    ChatMember stalled = ChatMember.join(port, "stalled", speaker)) {
                reader.expect("* stalled is here");
                Future<Void> all = threads.submit(() -> {
                    for (int i = 0; i < count; i++) {
                        reader.expect("speaker: " + i + LONG);
                    }
                    return null;
                });
                for (int i = 0; i < count; i++) {
                    speaker.say(i + LONG);
                }
                all.get(30, TimeUnit.SECONDS);

                int next = 0;
                String line;
                while (!(line = stalled.line()).startsWith("*")) {
                    assertThat(line).isEqualTo("speaker: " + next++ + LONG);
                }
                assertThat(line)
                        .isEqualTo("* you read too slowly and have missed " + (count - next) + " lines");
                reader.say("welcome back");
                stalled.expect("reader: welcome back");
            }
            assertEndsCleanly(server);
        }
    }

    @Test
    void member_whoDoesNotRead_hasToGoWhereThatIsThePolicy() throws Exception {
        int count = 6_000;
        try (SampleJvm server = server("--policy", "disconnect")) {
            int port = server.port();
            try (ChatMember speaker = ChatMember.join(port, "speaker", null);
                    ChatMember reader = ChatMember.join(port, "reader", speaker);
                    ChatMember stalled = ChatMember.join(port, "stalled", speaker)) {
                reader.expect("* stalled is here");
                Future<Integer> all = threads.submit(() -> {
                    int departures = 0;
                    for (int i = 0; i < count;) {
                        String line = reader.line();
                        if (line.equals("* stalled has gone")) {
                            departures++;
                        } else {
                            assertThat(line).isEqualTo("speaker: " + i++ + LONG);
                        }
                    }
                    return departures;
                });
                for (int i = 0; i < count; i++) {
                    speaker.say(i + LONG);
                }
                assertThat(all.get(30, TimeUnit.SECONDS)).isEqualTo(1);
                assertThat(server.line()).isEqualTo("stalled reads too slowly and has to go");
                speaker.expect("* stalled has gone");
                assertThat(linesUntilTheEnd(stalled)).isLessThan(count);
            }
            assertEndsCleanly(server);
        }
    }

    private static int linesUntilTheEnd(ChatMember member) throws IOException {
        int lines = 0;
        try {
            while (member.line() != null) {
                lines++;
            }
        } catch (SocketException reset) {
            // What it was sent last did not leave in time.
        }
        return lines;
    }

    @ParameterizedTest
    @ValueSource(strings = {"drop-message", "disconnect"})
    void members_whoNeverRead_costABoundedNumberOfBytes(String policy) throws Exception {
        int count = 20_000; // 10 MB for each of 31
        // The reader is on the speaker's loop, since loops take turns, and never further behind than its channel's mark: it
        // has room for each line at once. So however short the patience is, it is for those who do not read.
        Semaphore ahead = new Semaphore(64);
        try (SampleJvm server = server(List.of("-Xmx40m", "-XX:MaxDirectMemorySize=40m"), 100,
                "--policy", policy)) {
            int port = server.port();
            List<ChatMember> stalled = new ArrayList<>();
            try (ChatMember speaker = ChatMember.join(port, "speaker", null)) {
                for (int i = 0; i < 31; i++) {
                    stalled.add(ChatMember.join(port, "stalled" + i, speaker));
                }
                try (ChatMember reader = ChatMember.join(port, "reader", speaker)) {
                    Future<Void> all = threads.submit(() -> {
                        for (int i = 0; i < count;) {
                            String line = reader.line();
                            if (!line.startsWith("* stalled")) {
                                assertThat(line).isEqualTo("speaker: " + i++ + LONG);
                                ahead.release();
                            }
                        }
                        return null;
                    });
                    for (int i = 0; i < count; i++) {
                        assertThat(ahead.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
                        speaker.say(i + LONG);
                    }
                    all.get(30, TimeUnit.SECONDS);
                }
            }
            closeAll(stalled);
            assertEndsCleanly(server);
        }
    }

    @Test
    void members_twoHundredOfWhomSomeLeaveMidway_allHearTheOthers() throws Exception {
        try (SampleJvm server = server()) {
            List<ChatMember> members = joinAll(server.port(), 200);
            int leaving = 50;
            List<Future<Integer>> heard = new ArrayList<>();
            for (ChatMember member : members.subList(leaving, members.size())) {
                heard.add(threads.submit(() -> linesUntilAllHaveGone(member, leaving)));
            }
            for (int i = 0; i < leaving; i++) {
                ChatMember member = members.get(i);
                member.say("I am going");
                if (i % 2 == 0) {
                    member.leave();
                } else {
                    member.reset(); // its line may be lost with it
                }
            }
            for (Future<Integer> one : heard) {
                assertThat(one.get(30, TimeUnit.SECONDS)).isBetween(leaving / 2, leaving);
            }
            closeAll(members);
            assertEndsCleanly(server);
        }
    }

    private static int linesUntilAllHaveGone(ChatMember member, int leaving) throws IOException {
        int lines = 0;
        for (int gone = 0; gone < leaving;) {
            String line = member.line();
            if (line.endsWith(" has gone")) {
                gone++;
            } else {
                assertThat(line).endsWith(": I am going");
                lines++;
            }
        }
        return lines;
    }

    @Test
    void name_thatIsWrongOrTaken_isRefused() throws Exception {
        try (SampleJvm server = server("--members", "3")) {
            int port = server.port();
            try (ChatMember ann = ChatMember.join(port, "ann", null);
                    ChatMember bob = ChatMember.join(port, "bob", ann)) {
                for (String wrong : List.of("", "a b", "\u001b[31mred", "x".repeat(21))) {
                    try (ChatMember stranger = ChatMember.offer(port, wrong)) {
                        stranger.expect("* a name has 1 to 20 letters, digits, _ or -");
                        assertThat(stranger.line()).isNull();
                    }
                }
                try (ChatMember second = ChatMember.offer(port, "ann")) {
                    second.expect("* there is a ann already");
                    assertThat(second.line()).isNull();
                }
                try (ChatMember cid = ChatMember.join(port, "cid", ann);
                        ChatMember full = new ChatMember(port)) {
                    full.expect("* there are 3 members already");
                    assertThat(full.line()).isNull();
                    bob.expect("* cid is here");
                    cid.say("grün\u001b[31m\u0007");
                    ann.expect("cid: grün [31m ");
                    cid.send("x".repeat(600) + "\n");
                    cid.expect("* a line has at most 512 bytes");
                    assertThat(cid.line()).isNull();
                    ann.expect("* cid has gone");
                }
            }
            assertEndsCleanly(server);
        }
    }

    @ParameterizedTest
    @CsvSource({"--policy wait,must be drop-message or disconnect", "--members 0,at least 1"})
    void server_ofWrongArguments_saysWhatIsWrong(String arguments, String sentence) throws Exception {
        try (SampleJvm server = new SampleJvm(Sample14ChatServer.class, ("0 " + arguments).split(" "))) {
            assertThat(server.exitStatus(20)).isEqualTo(2);
            assertThat(server.errors()).contains(sentence).hasLineCount(1);
        }
    }

    private static SampleJvm server(String... options) throws IOException {
        return server(List.of("-Xmx64m"), 2000, options);
    }

    private static SampleJvm server(List<String> jvmOptions, int patienceMillis, String... options)
            throws IOException {
        List<String> watched = new ArrayList<>(jvmOptions);
        watched.add("-Dio.netty.leakDetection.level=paranoid");
        List<String> arguments = new ArrayList<>(
                List.of("0", "--loops", "2", "--patience", Integer.toString(patienceMillis)));
        arguments.addAll(List.of(options));
        return new SampleJvm(watched, Sample14ChatServer.class, arguments.toArray(String[]::new));
    }

    /** Named m0, m1 and so on; each has heard of all that came later. */
    private static List<ChatMember> joinAll(int port, int count) throws IOException {
        List<ChatMember> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ChatMember member = ChatMember.join(port, "m" + i, null);
            for (ChatMember earlier : members) {
                earlier.expect("* m" + i + " is here");
            }
            members.add(member);
        }
        return members;
    }

    private static void closeAll(List<ChatMember> members) throws IOException {
        for (ChatMember member : members) {
            member.close();
        }
    }

    private static void assertEndsCleanly(SampleJvm server) throws InterruptedException {
        server.terminate();
        assertThat(server.exitStatus(10)).isIn(0, 143);
        assertThat(server.errors()).as("leaks among them").isEmpty();
    }
}
