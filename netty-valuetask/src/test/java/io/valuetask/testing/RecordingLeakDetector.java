package io.valuetask.testing;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakTracker;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Keeps what Netty's leak detector reports, so that a leak can fail a test in place of ending as a line in a log.
 *
 * <p>Netty makes one per type of resource when it finds this name in {@code io.netty.customResourceLeakDetector}.
 *
 * @param <T> the type of resource
 */
public final class RecordingLeakDetector<T> extends ResourceLeakDetector<T> {
    private static final Queue<String> REPORTS = new ConcurrentLinkedQueue<>();
    private static final List<RecordingLeakDetector<Object>> DETECTORS = new CopyOnWriteArrayList<>();

    /** The constructor that Netty calls. */
    @SuppressWarnings("unchecked")
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType, samplingInterval);
        DETECTORS.add((RecordingLeakDetector<Object>) this);
    }

    /** Netty looks for this one too, and logs an error when it is missing. */
    public RecordingLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
        this(resourceType, samplingInterval);
    }

    /** Whether Netty was told to use this class, and to track every buffer. */
    public static boolean isInstalled() {
        return getLevel() == Level.PARANOID && RecordingLeakDetector.class.getName()
                .equals(System.getProperty("io.netty.customResourceLeakDetector"));
    }

    /** Removes and answers what was reported so far. */
    public static List<String> drainReports() {
        List<String> drained = new ArrayList<>();
        for (String report; (report = REPORTS.poll()) != null;) {
            drained.add(report);
        }
        return drained;
    }

    /** A detector looks at what was collected only when it tracks something: let each track a trifle. */
    static void pollAll() {
        for (RecordingLeakDetector<Object> detector : DETECTORS) {
            Object trifle = new Object();
            ResourceLeakTracker<Object> tracker = detector.track(trifle);
            if (tracker != null) {
                tracker.close(trifle);
            }
        }
    }

    /** Netty's own answer depends on the level of its logger. */
    @Override
    protected boolean needReport() {
        return true;
    }

    @Override
    protected void reportTracedLeak(String resourceType, String records) {
        REPORTS.add(resourceType + " leaked, used at:" + records);
        super.reportTracedLeak(resourceType, records);
    }

    @Override
    protected void reportUntracedLeak(String resourceType) {
        REPORTS.add(resourceType + " leaked, untraced");
        super.reportUntracedLeak(resourceType);
    }
}
