package io.valuetask.perf;

import java.util.Arrays;

/**
 * What every server of the workload {@link Workload#HTTP_STREAM} answers: one part after the other, each made when it is
 * its turn, as a server does that does not have its answer yet.
 */
public final class StreamAnswer {
    /** What is asked for. */
    public static final String PATH = "/stream";
    /** How many parts there are. */
    public static final int PARTS = 64;
    /** Bytes in each. */
    public static final int PART_BYTES = 1024;

    private static final byte[][] LETTERS = letters();

    private StreamAnswer() {}

    /** The bytes of a part, which nobody may change: as often as needed the letter that is its turn. */
    public static byte[] part(int index) {
        return LETTERS[index % LETTERS.length];
    }

    private static byte[][] letters() {
        byte[][] letters = new byte['z' - 'a' + 1][PART_BYTES];
        for (int i = 0; i < letters.length; i++) {
            Arrays.fill(letters[i], (byte) ('a' + i));
        }
        return letters;
    }
}
