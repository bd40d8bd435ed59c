package io.valuetask.samples.http;

import io.valuetask.samples.ExternalProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** A browser, which runs the page; skipped where there is none. */
@Timeout(120)
class PageTest {
    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void page_usesEveryRouteInABrowser(boolean tls) throws Exception {
        String browser = ExternalProgram.find("chromium", "chromium", "chromium-browser", "google-chrome");
        List<String> arguments = new ArrayList<>(List.of("--root", directory.toString()));
        if (tls) {
            arguments.add("--tls");
        }
        try (HttpServerJvm server = HttpServerJvm.startWith(List.of(), arguments.toArray(String[]::new))) {
            String page = ExternalProgram.run(browser, "--headless", "--no-sandbox", "--disable-gpu",
                    "--disable-dev-shm-usage",
                    "--ignore-certificate-errors", "--user-data-dir=" + directory.resolve("profile"),
                    "--virtual-time-budget=20000", "--dump-dom",
                    (tls ? "https" : "http") + "://localhost:" + server.port() + "/").output();
            assertThat(page).contains("all 7 are well").contains("1048576 bytes");
        }
    }
}
