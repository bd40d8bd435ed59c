/**
 * Event loops and threads, no channels: which executor runs the calling thread, may it block, and on what thread a
 * straight-line body runs.
 *
 * <h2>Three kinds of callers</h2>
 *
 * <pre>
 *   caller                              an operation of a channel          is resumed
 *
 *   the event loop itself               is performed in the call           by the completer, in its frame
 *   a virtual thread that it carries    is posted: a plain queue, done     in the loop's next turn, when it has
 *                                       when the thread has parked         read what there was to read
 *   any other thread                    is a task of the loop, with one    by its own scheduler
 *                                       wake-up if that sleeps
 * </pre>
 *
 * <p>The second kind is what {@link io.valuetask.schedule.EventLoopVirtualThreads} makes. Its rule is that
 * <b>a carried thread never runs pipeline code</b>: Netty takes a virtual thread for a stranger even where it is mounted on
 * the loop, its thread-locals are not the loop's, and a lock that it held while it parked would be the loop's dead-lock. It
 * posts, and the loop does it.
 *
 * <h2>A turn</h2>
 *
 * <pre>
 *   channelRead          a message is queued, the read that waits for it completes, its thread is ready
 *   channelReadComplete  if there are 16 messages since the last turn, or 16 that are ready: a turn
 *                        ask the transport for more
 *   ... of every channel that has something to read
 *
 *   task of the loop     turn:  resume the first that is ready; it reads, it posts its write, it parks
 *                               perform what it posted
 *                               and so on with the next, until none is ready
 *                               flush each channel that was written to: one flush for all of it, also behind 16 writes
 *                               what has left completes writes, which makes threads ready: go on
 * </pre>
 *
 * <p>So the loop reads several channels, then runs their bodies, then writes for all of them. One after the other, read, run
 * and write of each, has the kernel and the bodies drive each other out of the processor's caches: with 64 connections it
 * cost a tenth more.
 *
 * <p>A turn ends after a millisecond even if threads are ready still; they go on behind the loop's next I/O, or amid it for
 * each 16 messages that are for threads of the loop, once each and eight milliseconds of one pass together. The clock is
 * looked at when two, four and eight of them have gone on, and then after each sixteen: so that one of long computations is
 * four bodies long. Turns that are tasks of the loop, as one is for each thread that others make ready, have a millisecond
 * together; then all who are ready go on behind the I/O. So neither bodies nor I/O starve the other, as long as each body
 * parks or yields now and then. A body that does not park is reported, see {@code io.valuetask.blockedLoopMillis} in
 * {@link io.valuetask.schedule.EventLoopVirtualThreads}.
 *
 * <p>How each signal is caught, so that none is lost, stands at the top of {@code EventLoopCarrier} and
 * {@code CarriedThread}, where the queues are.
 *
 * <h2>In the flight recorder</h2>
 *
 * <p>{@code io.valuetask.BodyStarted}, {@code io.valuetask.BodyResumed} (off unless asked for),
 * {@code io.valuetask.LoopBlocked} and, of the core, {@code io.valuetask.Misuse}. They cost nothing while nobody records.
 */
@NullMarked
package io.valuetask.schedule;

import org.jspecify.annotations.NullMarked;
