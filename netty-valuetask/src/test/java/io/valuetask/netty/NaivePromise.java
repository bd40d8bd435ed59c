package io.valuetask.netty;

import io.netty.channel.Channel;
import io.netty.channel.ChannelPromise;
import io.netty.channel.DefaultChannelPromise;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Consumer;

/**
 * What comes to mind first: one promise for all writes of a channel, which is as new when its outcome has been told. It
 * keeps none of the rules of {@link ReusablePromise}; what handlers do to it is what these rules are for.
 */
final class NaivePromise implements InvocationHandler {
    private final Channel channel;
    private final ChannelPromise promise = (ChannelPromise) Proxy
            .newProxyInstance(NaivePromise.class.getClassLoader(), new Class<?>[]{ChannelPromise.class},
                    this);

    /** The state that is to be told; replaced where it was. */
    private volatile ChannelPromise state;
    private volatile Consumer<Throwable> waiter;

    NaivePromise(Channel channel) {
        this.channel = channel;
        reset();
    }

    /** What handlers get, every time. */
    ChannelPromise promise() {
        return promise;
    }

    private void reset() {
        ChannelPromise fresh = new DefaultChannelPromise(channel);
        state = fresh;
        fresh.addListener(done -> {
            if (waiter != null) {
                tell(done.cause());
            }
        });
    }

    /** The next write is about to start; its outcome, null for success, goes to the waiter. */
    void arm(Consumer<Throwable> nextWaiter) {
        waiter = nextWaiter;
        if (state.isDone()) {
            tell(state.cause());
        }
    }

    private void tell(Throwable failure) {
        Consumer<Throwable> told = waiter;
        waiter = null;
        reset();
        told.accept(failure);
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.getName().equals("equals")) {
            return proxy == arguments[0];
        }
        ChannelPromise now = state;
        try {
            Object result = method.getName().equals("addListener")
                    ? now.addListener(aboutItself(arguments[0]))
                    : method.invoke(now, arguments);
            return result == now ? promise : result;
        } catch (InvocationTargetException wrapped) {
            throw wrapped.getCause();
        }
    }

    /** A listener is told of the promise that it was added to, not of what that is inside. */
    @SuppressWarnings("unchecked")
    private GenericFutureListener<Future<Void>> aboutItself(Object listener) {
        return done -> ((GenericFutureListener<Future<Void>>) listener).operationComplete(promise);
    }
}
