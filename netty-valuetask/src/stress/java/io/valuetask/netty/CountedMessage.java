package io.valuetask.netty;

import io.netty.util.AbstractReferenceCounted;
import io.netty.util.ReferenceCounted;

/** A message that knows whether it was released, and needs no memory of its own. */
final class CountedMessage extends AbstractReferenceCounted {
    @Override
    protected void deallocate() {}

    @Override
    public ReferenceCounted touch(Object hint) {
        return this;
    }

    /** What has become of it, if this is what the transport got. */
    String fate(Object sent) {
        if (refCnt() == 0) {
            return sent == null ? "released" : "released, and sent";
        }
        return sent == this ? "sent" : "leaked";
    }
}
