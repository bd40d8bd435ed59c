package io.valuetask.schedule;

import io.netty.channel.EventLoop;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.concurrent.Callable;

/** An event loop of a class that the library cannot know, around one that it can. */
final class ForeignLoop {
    private ForeignLoop() {}

    /** Comes between each call and the event loop. */
    interface Interceptor {
        Object call(String method, Callable<Object> proceed) throws Throwable;
    }

    static EventLoop around(EventLoop loop) {
        return around(loop, (method, proceed) -> proceed.call());
    }

    static EventLoop around(EventLoop loop, Interceptor interceptor) {
        return (EventLoop) Proxy.newProxyInstance(ForeignLoop.class.getClassLoader(),
                new Class<?>[]{EventLoop.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "equals" -> proxy == arguments[0];
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "toString" -> "foreign " + loop;
                    default -> {
                        try {
                            yield interceptor.call(method.getName(), () -> method.invoke(loop, arguments));
                        } catch (InvocationTargetException failed) {
                            throw failed.getCause();
                        }
                    }
                });
    }
}
