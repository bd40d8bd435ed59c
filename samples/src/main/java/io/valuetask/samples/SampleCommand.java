package io.valuetask.samples;

import java.util.concurrent.Callable;

/** A sample with a command line: picocli fills its fields and calls it. */
public interface SampleCommand extends Callable<Integer> {
    void run() throws Exception;

    @Override
    default Integer call() throws Exception {
        run();
        return 0;
    }
}
