package io.valuetask.perf;

import java.util.List;

/** The order of the windows: each of a mode stands next to one of raw, which is first in every other pair. */
final class Pairs {
    private Pairs() {}

    @FunctionalInterface
    interface Measurement<W> {
        W of(Mode mode) throws EchoFailure, InterruptedException;
    }

    @FunctionalInterface
    interface Outcome<W> {
        void add(Mode mode, W window, W raw);
    }

    /** Those that are measured beside raw; raw itself if it is alone, to show the noise. */
    static List<Mode> besideRaw(List<Mode> modes) {
        return modes.size() == 1 ? modes : modes.subList(1, modes.size());
    }

    /** So that a machine that gets slower or faster favours neither side of a pair. Raw is the first of the modes. */
    static <W> void run(List<Mode> modes, int pairs, Measurement<W> measurement, Outcome<W> outcome)
            throws EchoFailure, InterruptedException {
        Mode floor = modes.getFirst();
        for (int pair = 0; pair < pairs; pair++) {
            for (Mode mode : besideRaw(modes)) {
                boolean rawFirst = pair % 2 == 0;
                W first = measurement.of(rawFirst ? floor : mode);
                W second = measurement.of(rawFirst ? mode : floor);
                W raw = rawFirst ? first : second;
                outcome.add(mode, rawFirst ? second : first, raw);
                if (mode != floor) {
                    outcome.add(floor, raw, raw);
                }
            }
        }
    }
}
