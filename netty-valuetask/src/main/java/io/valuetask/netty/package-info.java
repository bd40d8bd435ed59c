/**
 * The bridge: one handler, last in any pipeline, turns a Netty channel into awaitable operations.
 */
@NullMarked
package io.valuetask.netty;

import org.jspecify.annotations.NullMarked;
