package io.valuetask;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A misuse is in the flight recording, also where nobody looks at the exception. */
@Timeout(60)
class MisuseEventTest {
    @Test
    void misuse_whileRecording_isRecordedWithItsMessageAndItsPlace() throws Exception {
        ManualResetValueTaskSource<String> source = new ManualResetValueTaskSource<>();
        long token = source.arm();
        Path file = Files.createTempFile("misuse", ".jfr");
        try (Recording recording = new Recording()) {
            recording.enable("io.valuetask.Misuse");
            recording.start();
            assertThatThrownBy(() -> source.getResult(token)).isInstanceOf(ValueTaskMisuseException.class);
            recording.stop();
            recording.dump(file);

            List<RecordedEvent> events = RecordingFile.readAllEvents(file);
            assertThat(events).hasSize(1);
            RecordedEvent event = events.getFirst();
            assertThat(event.getString("message")).contains("has not completed", "token=" + token);
            assertThat(event.getStackTrace().getFrames())
                    .anyMatch(frame -> frame.getMethod().getType().getName()
                            .equals(MisuseEventTest.class.getName()));
        } finally {
            Files.delete(file);
        }
    }
}
