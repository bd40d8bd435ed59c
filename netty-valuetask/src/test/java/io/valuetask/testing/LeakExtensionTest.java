package io.valuetask.testing;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A leak check that cannot fail is worse than none. */
class LeakExtensionTest {
    /** Netty reports equal leaks once per JVM, so each planted one gets a hint of its own. */
    private static int planted;

    @Test
    void detector_inEveryTestJvm_isInstalled() {
        assertThat(RecordingLeakDetector.isInstalled()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void findLeaks_whenABufferWasNotReleased_reportsWhereItWasUsed(boolean direct)
            throws InterruptedException {
        LeakExtension.findLeaks();

        String hint = plantLeak(direct);

        assertThat(LeakExtension.findLeaks()).singleElement().asString().contains(hint, "plantLeak");
        assertThat(LeakExtension.findLeaks()).as("a leak is reported once, this class ends green").isEmpty();
    }

    @Test
    void findLeaks_whenEveryBufferWasReleased_reportsNothing() throws InterruptedException {
        LeakExtension.findLeaks();

        ByteBuf buffer = ByteBufAllocator.DEFAULT.buffer(16).retain();
        buffer.release();
        buffer.release();
        Unpooled.directBuffer(16).release();

        assertThat(LeakExtension.findLeaks()).isEmpty();
    }

    @Test
    void afterAll_whenABufferWasNotReleased_failsTheClass() throws InterruptedException {
        LeakExtension.findLeaks();

        String hint = plantLeak(false);

        assertThatThrownBy(() -> new LeakExtension().afterAll(contextOfTopLevelClass()))
                .isInstanceOf(AssertionError.class).hasMessageContaining(hint);
    }

    @Test
    void junit_inEveryTestJvm_findsTheExtension() {
        assertThat(ServiceLoader.load(Extension.class)).hasAtLeastOneElementOfType(LeakExtension.class);
    }

    private static ExtensionContext contextOfTopLevelClass() {
        return (ExtensionContext) Proxy.newProxyInstance(LeakExtensionTest.class.getClassLoader(),
                new Class<?>[]{ExtensionContext.class},
                (proxy, method,
                        arguments) -> method.getReturnType() == List.class ? List.of() : "a test class");
    }

    /** A method of its own, so that no local variable of the test keeps the buffer alive. */
    private static String plantLeak(boolean direct) {
        String hint = "planted leak " + ++planted;
        ByteBuf leaked = direct
                ? ByteBufAllocator.DEFAULT.directBuffer(16)
                : ByteBufAllocator.DEFAULT.heapBuffer(16);
        leaked.touch(hint);
        return hint;
    }
}
