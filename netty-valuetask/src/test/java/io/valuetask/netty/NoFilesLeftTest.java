package io.valuetask.netty;

import io.valuetask.testing.ForkedJvm;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** A server whose process has as many open files as it may have (EMFILE), in a JVM of its own. */
@ParameterizedClass
@MethodSource(Transport.AVAILABLE)
@Timeout(120)
class NoFilesLeftTest {
    private static final int OPEN_FILES = 256;

    @Parameter
    Transport transport;

    @Test
    void accept_whenNoFileIsLeft_goesOnWhenThereIsOneAgain() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no shell sets the limit here");

        String printed = new ForkedJvm().with("--enable-native-access=ALL-UNNAMED")
                .withOpenFiles(OPEN_FILES).run(Server.class, transport.name());

        assertThat(printed).containsPattern("refused=.*Too many open files").contains("accepted=3",
                "accepted=4");
    }

    /** Has no file left while somebody connects. */
    public static final class Server {
        private final List<InputStream> files = new ArrayList<>();

        private Server() {}

        /** Prints why it could not accept, and whom it accepted afterwards. */
        public static void main(String[] arguments) throws Exception {
            try (Warnings warnings = new Warnings(); Listening listening = new Listening()) {
                listening.bind(listening.bootstrap(Transport.valueOf(arguments[0])));
                listening.connect(1);
                Listening.numberOf(listening.accept()); // all of its classes are loaded: those take files, too
                awaitFailures(0, warnings);
                new Server().serveWithoutFiles(listening, warnings);
            }
        }

        private void serveWithoutFiles(Listening listening, Warnings warnings) throws Exception {
            takeAll();
            files.removeLast().close();
            listening.connect(3); // has that one
            awaitFailures(1, warnings);
            System.out.println("refused=" + warnings.thrown());
            for (InputStream each : files) {
                each.close();
            }
            System.out.println("accepted=" + Listening.numberOf(listening.accept()));
            listening.connect(4);
            System.out.println("accepted=" + Listening.numberOf(listening.accept()));
        }

        private static void awaitFailures(int count, Warnings warnings) {
            Descriptors.awaitAtMost("failures to come", 0, () -> count - warnings.thrown().size());
        }

        private void takeAll() {
            try {
                for (;;) {
                    files.add(new FileInputStream("/dev/null"));
                }
            } catch (IOException none) {
                // That was it.
            }
        }
    }
}
