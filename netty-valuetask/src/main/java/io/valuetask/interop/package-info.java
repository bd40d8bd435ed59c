/**
 * Bridges to other libraries. {@link io.valuetask.interop.NettyFutures} turns Netty's futures into value tasks and back;
 * {@link io.valuetask.interop.ChannelSubscriber} sends what a reactive stream publishes;
 * {@link io.valuetask.interop.MicrometerContextPropagation} restores Micrometer's contexts around continuations.
 *
 * <p>What needs nothing but the JDK is elsewhere: futures and {@link java.util.concurrent.CompletionStage} in
 * {@link io.valuetask.ValueTask}, publishers in {@link io.valuetask.AsyncIterator}, and so that of a channel in
 * {@link io.valuetask.netty.ValueTaskChannel#messages()}.
 */
@NullMarked
package io.valuetask.interop;

import org.jspecify.annotations.NullMarked;
