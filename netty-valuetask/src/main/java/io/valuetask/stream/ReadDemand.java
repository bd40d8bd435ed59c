package io.valuetask.stream;

/**
 * What one read asks for, in one {@code long}, so that it can be looked at while the next read replaces it.
 */
final class ReadDemand {
    /*
     *    63         48 47       40 39       32 31                    0
     *   +-------------+-----------+-----------+-----------------------+
     *   |      0      | delimiter |   kind    |         most          |
     *   +-------------+-----------+-----------+-----------------------+
     */

    /** At least one byte, and at most so many. */
    static final int UP_TO = 0;
    /** So many. */
    static final int EXACTLY = 1;
    /** As many as there are to the first delimiter, itself included, and at most so many. */
    static final int UNTIL = 2;

    private static final int KIND_SHIFT = 32;
    private static final int DELIMITER_SHIFT = 40;

    private ReadDemand() {}

    static long upTo(int most) {
        return most;
    }

    static long exactly(int length) {
        return (long) EXACTLY << KIND_SHIFT | length;
    }

    static long until(byte delimiter, int most) {
        return (delimiter & 0xFFL) << DELIMITER_SHIFT | (long) UNTIL << KIND_SHIFT | most;
    }

    static int kind(long demand) {
        return (int) (demand >>> KIND_SHIFT) & 0xFF;
    }

    /** Not negative. */
    static int most(long demand) {
        return (int) demand;
    }

    static byte delimiter(long demand) {
        return (byte) (demand >>> DELIMITER_SHIFT);
    }
}
