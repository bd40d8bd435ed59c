package io.valuetask.perf.report;

import io.netty.util.Version;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Where and with what something was measured, as a table of name and text. */
final class Environment {
    static final String JDK = "jdk";
    static final String NETTY = "netty";
    static final String MACHINE = "machine";
    static final String COMMIT = "commit";
    private static final String CLIENT_FLAGS = "clientFlags";
    private static final String UNKNOWN = "unknown";

    private Environment() {}

    /** Of this JVM, and of the servers, which run on the same JDK. */
    static Map<String, String> here(String processors) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put(JDK, System.getProperty("java.vm.name") + " " + Runtime.version() + ", "
                + System.getProperty("java.vendor"));
        environment.put(CLIENT_FLAGS,
                String.join(" ", ManagementFactory.getRuntimeMXBean().getInputArguments()));
        environment.put(NETTY, Version.identify().get("netty-transport").artifactVersion());
        environment.put(MACHINE, System.getProperty("os.name") + " "
                + release(System.getProperty("os.version")) + " " + System.getProperty("os.arch") + ", "
                + processors);
        environment.put(COMMIT, commit());
        return environment;
    }

    /** The kernel's release without its builder's suffix, which says nothing to those who built another. */
    static String release(String version) {
        return version.replaceFirst("-.*", "");
    }

    /** Of the checkout that this class was built in, not of the directory that somebody happens to be in. */
    private static String commit() {
        try {
            Path classes = Path
                    .of(Environment.class.getProtectionDomain().getCodeSource().getLocation().toURI());
            return commit(classes.getParent());
        } catch (URISyntaxException noFile) {
            return UNKNOWN;
        }
    }

    /** Marked where files differ from it, except those that measuring and drawing write. */
    static String commit(Path directory) {
        try {
            String head = git(directory, "rev-parse", "--short=12", "HEAD");
            String changed = git(directory, "status", "--porcelain", "--untracked-files=no", "--", ":/",
                    ":(top,exclude)perf/results", ":(top,exclude)perf/charts");
            return changed.isEmpty() ? head : head + "-dirty";
        } catch (IOException noCheckout) {
            return UNKNOWN;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return UNKNOWN;
        }
    }

    private static String git(Path directory, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("git", "-C", directory.toString()));
        command.addAll(List.of(arguments));
        Process git = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        int status = git.waitFor();
        if (status != 0) {
            throw new IOException("git ended with status " + status);
        }
        return answer;
    }
}
