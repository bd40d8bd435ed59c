package io.valuetask;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What a pool counts. Only the rare events are: a source that is rented and returns changes none of these. Apart from
 * the pool, so that what watches a source can keep it and yet not keep the pool, whose slots hold the source.
 */
final class PoolLedger {
    final AtomicLong created = new AtomicLong();
    /** Came back to a full pool, or is not to be used again. */
    final AtomicLong dropped = new AtomicLong();
    final AtomicLong lost = new AtomicLong();
}
