package io.valuetask.samples.http;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

/** Programs that others have written: a browser, which runs the page, and curl. Skipped where they are not installed. */
@Timeout(120)
class PageTest {
    @TempDir
    private Path directory;

    private static Path find(String... names) {
        Optional<Path> found = Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(folder -> Stream.of(names).map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
        if (found.isEmpty()) {
            System.out.println("skipped, since there is none of " + List.of(names) + " on the PATH");
            abort("none of " + List.of(names) + " is installed");
        }
        return found.get();
    }

    private String run(String... command) throws Exception {
        Path out = directory.resolve("out");
        Process process = new ProcessBuilder(command).redirectErrorStream(false).redirectOutput(out.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try {
            assertThat(process.waitFor(100, TimeUnit.SECONDS)).isTrue();
            return Files.readString(out, StandardCharsets.UTF_8);
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void page_usesEveryRouteInABrowser(boolean tls) throws Exception {
        String browser = find("chromium", "chromium-browser", "google-chrome").toString();
        List<String> arguments = new ArrayList<>(List.of("--root", directory.toString()));
        if (tls) {
            arguments.add("--tls");
        }
        try (HttpServerJvm server = HttpServerJvm.startWith(List.of(), arguments.toArray(String[]::new))) {
            String page = run(browser, "--headless", "--no-sandbox", "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--ignore-certificate-errors", "--user-data-dir=" + directory.resolve("profile"),
                    "--virtual-time-budget=20000", "--dump-dom",
                    (tls ? "https" : "http") + "://localhost:" + server.port() + "/");
            assertThat(page).contains("all 7 are well").contains("1048576 bytes");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"--http1.1", "--http2-prior-knowledge", "--http2"})
    void curl_getsWhatItAsksFor(String protocol) throws Exception {
        String curl = find("curl").toString();
        byte[] body = new byte[1_000_000];
        new java.util.Random(1).nextBytes(body);
        Path file = Files.write(directory.resolve("file"), body);
        try (HttpServerJvm server = HttpServerJvm.start("--root", directory.toString())) {
            String url = "http://localhost:" + server.port();
            assertThat(run(curl, "-sS", protocol, url + "/plaintext")).isEqualTo("Hello, World!");
            assertThat(run(curl, "-sS", protocol, "--compressed", url + "/"))
                    .contains("HTTP in straight lines");
            Path back = directory.resolve("back");
            for (String source : new String[]{"/echo", "/files/file"}) {
                List<String> command = new ArrayList<>(
                        List.of(curl, "-sS", protocol, "-o", back.toString(), url + source));
                if (source.equals("/echo")) {
                    command.addAll(List.of("-T", file.toString()));
                }
                run(command.toArray(String[]::new));
                assertThat(Files.readAllBytes(back)).isEqualTo(body);
            }
        }
    }
}
