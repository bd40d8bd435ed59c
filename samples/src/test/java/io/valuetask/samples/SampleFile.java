package io.valuetask.samples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A sample as its reader sees it: the command at the top of the file, and at its end what that printed.
 *
 * @param path the source
 * @param name what the launcher calls it
 * @param arguments what follows the name in the command
 * @param output what the program printed, up to the first command of a client
 */
record SampleFile(Path path, String name, List<String> arguments, String output) {
    private static final Path SOURCES = Path.of("src/main/java");
    private static final Pattern FILE_NAME = Pattern.compile("Sample(\\d\\d)\\w+\\.java");
    private static final Pattern FIRST_LINE = Pattern
            .compile("// \\$ java -jar samples/target/netty-valuetask-samples\\.jar ([a-z-]+)((?: \\S+)*)");
    private static final Pattern OUTPUT = Pattern.compile("\n}\n/\\*\n(.*)\n\\*/\n$", Pattern.DOTALL);
    private static final Pattern VARYING = Pattern.compile("@[0-9a-f]+|\\d+(?:[.,]\\d+)*");

    /** Every numbered sample, in the order to read them. */
    static List<SampleFile> all() throws IOException {
        try (Stream<Path> files = Files.walk(SOURCES)) {
            return files.filter(file -> FILE_NAME.matcher(file.getFileName().toString()).matches())
                    .sorted(Comparator.comparing(SampleFile::numberOf)).map(SampleFile::parse).toList();
        }
    }

    private static SampleFile parse(Path path) {
        String text;
        try {
            text = Files.readString(path);
        } catch (IOException failure) {
            throw new java.io.UncheckedIOException(failure);
        }
        Matcher command = FIRST_LINE.matcher(text.lines().findFirst().orElse(""));
        Matcher end = OUTPUT.matcher(text);
        if (!command.matches() || !end.find()) {
            throw new AssertionError(path + " does not begin with '" + FIRST_LINE
                    + "' or does not end with what that printed, in a comment of its own");
        }
        List<String> arguments = Pattern.compile(" ").splitAsStream(command.group(2))
                .filter(s -> !s.isEmpty())
                .toList();
        return new SampleFile(path, command.group(1), arguments, end.group(1).split("\n\n\\$ ", 2)[0]);
    }

    private static String numberOf(Path path) {
        Matcher name = FILE_NAME.matcher(path.getFileName().toString());
        return name.matches() ? name.group(1) : "";
    }

    int number() {
        return Integer.parseInt(numberOf(path));
    }

    Class<?> main() throws ClassNotFoundException {
        String relative = SOURCES.relativize(path).toString();
        return Class.forName(relative.substring(0, relative.length() - ".java".length()).replace('/', '.'));
    }

    boolean isServer() {
        return output.startsWith("listening on port ");
    }

    /** What is the same each time: numbers, times and identities are masked, and the space that columns leave. */
    static String masked(String output) {
        return VARYING.matcher(output).replaceAll("#").replaceAll(" +", " ").strip();
    }

    @Override
    public String toString() {
        return name;
    }
}
