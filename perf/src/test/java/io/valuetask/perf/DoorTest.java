package io.valuetask.perf;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

class DoorTest {
    private static final int MAJOR_OF_JAVA_17 = 61;

    /** Else whoever starts the jar with one is told of an UnsupportedClassVersionError. */
    @ParameterizedTest
    @ValueSource(classes = {Door.class, io.valuetask.samples.Door.class})
    void door_isReadByAnOlderJvm(Class<?> door) throws IOException {
        try (InputStream bytes = requireNonNull(door.getResourceAsStream("Door.class"));
                DataInputStream data = new DataInputStream(bytes)) {
            assertThat(data.readInt()).isEqualTo(0xCAFEBABE);
            data.readUnsignedShort(); // minor
            assertThat(data.readUnsignedShort()).isLessThanOrEqualTo(MAJOR_OF_JAVA_17);
        }
    }
}
