package io.valuetask.netty;

import io.netty.util.ReferenceCountUtil;
import io.netty.util.ReferenceCounted;
import io.valuetask.ResultReleaser;

/**
 * Releases messages that were read and that nobody wants: Netty's reference-counted ones. Found by
 * {@link java.util.ServiceLoader}, not made by hand.
 *
 * <p><b>Threading.</b> Stateless. <b>Ownership.</b> Takes over one reference. <b>Allocation.</b> None.
 */
public final class ReferenceCountReleaser implements ResultReleaser {
    /** For {@link java.util.ServiceLoader}. */
    public ReferenceCountReleaser() {}

    @Override
    public boolean release(Object result) {
        if (result instanceof ReferenceCounted) {
            ReferenceCountUtil.release(result);
            return true;
        }
        return false;
    }
}
