package io.valuetask;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The arrows of the architecture, checked in what was compiled. Every name in a class file stands in its constant pool:
 * types, descriptors, signatures and annotations with slashes, names for reflection with dots. So a mention anywhere is
 * a dependency here.
 */
class LayeringTest {
    private static final String CORE = "io.valuetask";
    private static final String SCHEDULE = "io.valuetask.schedule";
    private static final String NETTY = "io.valuetask.netty";
    private static final String STREAM = "io.valuetask.stream";
    private static final String INTEROP = "io.valuetask.interop";
    private static final String NETTY_ITSELF = "io.netty";
    private static final String MICROMETER = "io.micrometer";

    /** What each package may mention, itself included. */
    private static final Map<String, Set<String>> ALLOWED = Map.of(CORE, Set.of(CORE), SCHEDULE,
            Set.of(CORE, SCHEDULE, NETTY_ITSELF), NETTY, Set.of(CORE, SCHEDULE, NETTY, NETTY_ITSELF), STREAM,
            Set.of(CORE, SCHEDULE, NETTY, STREAM, NETTY_ITSELF), INTEROP,
            Set.of(CORE, SCHEDULE, NETTY, INTEROP, NETTY_ITSELF, MICROMETER));

    private static final Pattern MENTION = Pattern
            .compile("\\bio[./](?:netty\\b|micrometer\\b|valuetask(?:[./][a-z][a-z0-9_]*)*(?=[./][A-Z]))");

    @Test
    void everyClass_mentionsOnlyTheLayersBelowIt() throws IOException, URISyntaxException {
        Map<String, Set<String>> mentions = mentionsOfEveryClass();

        assertThat(mentions.keySet()).as("the classes were found at all").contains("io.valuetask.StateWord",
                "io.valuetask.schedule.EventLoopCallerContext");
        assertThat(violations(mentions)).isEmpty();
    }

    @Test
    void mentions_ofRealClasses_areFound() throws IOException, URISyntaxException {
        Map<String, Set<String>> mentions = mentionsOfEveryClass();

        assertThat(mentions.get("io.valuetask.schedule.EventLoopCallerContext")).contains(CORE, NETTY_ITSELF);
        assertThat(mentions.get("io.valuetask.ManualResetValueTaskSource")).containsExactly(CORE);
    }

    @Test
    void mentions_inEveryForm_areFound() {
        assertThat(mentionsIn("io/netty/channel/Channel")).containsExactly(NETTY_ITSELF);
        assertThat(mentionsIn("(JLio/netty/buffer/ByteBuf;)V")).containsExactly(NETTY_ITSELF);
        assertThat(mentionsIn("io.netty.channel.Channel")).as("reflection").containsExactly(NETTY_ITSELF);
        assertThat(mentionsIn("()Lio/valuetask/ValueTask<Lio/valuetask/netty/ValueTaskChannel;>;"))
                .containsExactly(CORE, NETTY);
        assertThat(mentionsIn("java/lang/String")).isEmpty();
        assertThat(mentionsIn("radio/netty and io/nettyish")).isEmpty();
    }

    @Test
    void violations_ofPlantedArrows_areFlagged() {
        assertThat(violationsOf("io.valuetask.Planted", NETTY_ITSELF)).hasSize(1);
        assertThat(violationsOf("io.valuetask.Planted", SCHEDULE)).hasSize(1);
        assertThat(violationsOf("io.valuetask.Planted", MICROMETER)).as("optional").hasSize(1);
        assertThat(violationsOf("io.valuetask.schedule.Planted", NETTY)).hasSize(1);
        assertThat(violationsOf("io.valuetask.schedule.Planted", STREAM)).hasSize(1);
        assertThat(violationsOf("io.valuetask.netty.Planted", STREAM)).hasSize(1);
        assertThat(violationsOf("io.valuetask.netty.Planted$Inner", INTEROP)).hasSize(1);
        assertThat(violationsOf("io.valuetask.stream.Planted", INTEROP)).hasSize(1);
        assertThat(violationsOf("io.valuetask.interop.Planted", STREAM)).hasSize(1);
        assertThat(violationsOf("io.valuetask.unheard.Planted", CORE)).as("a package without a layer")
                .hasSize(1);
        assertThat(violationsOf("io.valuetask.schedule.Planted", "io.valuetask.unheard")).hasSize(1);
    }

    @Test
    void violations_ofPermittedArrows_areNone() {
        assertThat(violationsOf("io.valuetask.schedule.Planted", CORE)).isEmpty();
        assertThat(violationsOf("io.valuetask.netty.Planted", SCHEDULE)).isEmpty();
        assertThat(violationsOf("io.valuetask.stream.Planted", NETTY)).isEmpty();
        assertThat(violationsOf("io.valuetask.interop.Planted", NETTY_ITSELF)).isEmpty();
    }

    private static List<String> violationsOf(String className, String mention) {
        return violations(Map.of(className, Set.of(mention)));
    }

    /** The rule itself: class names and the packages they mention in, complaints out. */
    private static List<String> violations(Map<String, Set<String>> mentions) {
        List<String> violations = new ArrayList<>();
        mentions.forEach((className, mentioned) -> {
            String layer = className.substring(0, className.lastIndexOf('.'));
            Set<String> allowed = ALLOWED.getOrDefault(layer, Set.of());
            for (String mention : mentioned) {
                if (!allowed.contains(mention)) {
                    violations.add(className + " mentions " + mention + "; allowed: " + allowed);
                }
            }
        });
        return violations;
    }

    private static Map<String, Set<String>> mentionsOfEveryClass() throws IOException, URISyntaxException {
        Path classes = Path.of(ValueTask.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Map<String, Set<String>> mentions = new TreeMap<>();
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(LayeringTest::isClassWithLayer).toList()) {
                String path = classes.relativize(file).toString();
                String name = path.substring(0, path.length() - ".class".length())
                        .replace(file.getFileSystem()
                                .getSeparator(), ".");
                mentions.put(name, mentionsIn(file));
            }
        }
        return mentions;
    }

    /** The module descriptor names all layers, and has none. */
    private static boolean isClassWithLayer(Path file) {
        return file.toString().endsWith(".class") && !file.endsWith("module-info.class");
    }

    private static Set<String> mentionsIn(Path file) throws IOException {
        Set<String> mentions = new TreeSet<>();
        for (PoolEntry entry : ClassFile.of().parse(file).constantPool()) {
            if (entry instanceof Utf8Entry text) {
                mentions.addAll(mentionsIn(text.stringValue()));
            }
        }
        return mentions;
    }

    private static Set<String> mentionsIn(String text) {
        Set<String> mentions = new TreeSet<>();
        // A descriptor's L would hide the start of a word.
        Matcher matcher = MENTION.matcher(text.replaceAll("\\bL?(?=io[./])|(?<=[;<(\\[A-Z])L(?=io/)", " "));
        while (matcher.find()) {
            mentions.add(matcher.group().replace('/', '.'));
        }
        return mentions;
    }
}
