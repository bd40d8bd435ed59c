package io.valuetask.perf.load;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdDeserializer;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.ser.std.StdSerializer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/**
 * A result as JSON: a summary for people and scripts, and all of it, so that results can be merged later. A histogram is
 * HdrHistogram's compressed form in base64, which its tools read, too.
 */
final class LoadJson {
    private static final String FORMAT = "netty-valuetask-load/1";
    private static final ObjectMapper MAPPER = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT)
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .registerModule(new SimpleModule().addSerializer(new HistogramWriter())
                    .addDeserializer(Histogram.class, new HistogramReader()));

    private LoadJson() {}

    static void write(LoadResult result, Path file) throws IOException {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("format", FORMAT);
        ObjectNode summary = root.putObject("summary");
        summary.put("label", result.setup().label());
        summary.put("loop", result.setup().loop());
        summary.put("valid", result.isValid());
        summary.put("seconds", result.seconds());
        summary.put("opsPerSecond", result.opsPerSecond());
        summary.put("meanMicros", result.latency().getMean() / 1e3);
        summary.put("p50Micros", result.millisAt(50) * 1e3);
        summary.put("p90Micros", result.millisAt(90) * 1e3);
        summary.put("p99Micros", result.millisAt(99) * 1e3);
        summary.put("p999Micros", result.millisAt(99.9) * 1e3);
        summary.put("p9999Micros", result.millisAt(99.99) * 1e3);
        summary.put("maxMicros", result.latency().getMaxValue() / 1e3);
        summary.put("latenessP99Micros", result.lateness().getValueAtPercentile(99) / 1e3);
        root.setAll((ObjectNode) MAPPER.valueToTree(result));
        MAPPER.writeValue(file.toFile(), root);
    }

    static LoadResult read(Path file) throws LoadFailure {
        try {
            if (!Files.isReadable(file)) {
                throw new LoadFailure("there is no file " + file + " that can be read");
            }
            JsonNode root = MAPPER.readTree(file.toFile());
            if (!root.path("format").asText().equals(FORMAT)) {
                throw new LoadFailure(file + " is not a result of 'load --json' (format: "
                        + root.path("format").asText("none") + ", expected: " + FORMAT + ")");
            }
            return MAPPER.treeToValue(root, LoadResult.class);
        } catch (JsonProcessingException wrong) {
            throw new LoadFailure(file + " is no JSON of 'load --json': " + wrong.getOriginalMessage(),
                    wrong);
        } catch (IOException unreadable) {
            throw new LoadFailure("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static final class HistogramWriter extends StdSerializer<Histogram> {
        private static final long serialVersionUID = 1;

        HistogramWriter() {
            super(Histogram.class);
        }

        @Override
        public void serialize(Histogram histogram, JsonGenerator json, SerializerProvider provider)
                throws IOException {
            ByteBuffer buffer = ByteBuffer.allocate(histogram.getNeededByteBufferCapacity());
            int length = histogram.encodeIntoCompressedByteBuffer(buffer);
            json.writeString(Base64.getEncoder().encodeToString(Arrays.copyOf(buffer.array(), length)));
        }
    }

    private static final class HistogramReader extends StdDeserializer<Histogram> {
        private static final long serialVersionUID = 1;

        HistogramReader() {
            super(Histogram.class);
        }

        @Override
        public Histogram deserialize(JsonParser json, DeserializationContext context) throws IOException {
            try {
                byte[] bytes = Base64.getDecoder().decode(json.getText());
                return Histogram.decodeFromCompressedByteBuffer(ByteBuffer.wrap(bytes),
                        LoopTally.LONGEST_NANOS);
            } catch (DataFormatException | IllegalArgumentException | IndexOutOfBoundsException wrong) {
                throw context.weirdStringException(json.getText(), Histogram.class,
                        "no compressed HdrHistogram in base64");
            }
        }
    }
}
