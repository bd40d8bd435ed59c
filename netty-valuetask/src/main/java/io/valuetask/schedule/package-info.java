/**
 * Event loops and threads, no channels: which executor runs the calling thread and may it block, and on what
 * thread a straight-line body runs.
 */
@NullMarked
package io.valuetask.schedule;

import org.jspecify.annotations.NullMarked;
