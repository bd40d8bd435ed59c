/**
 * Value tasks and their reusable sources: awaiting an operation without an object per operation. Knows nothing
 * of Netty.
 *
 * <h2>The model</h2>
 *
 * <p>An object that does one thing after another, such as reading from a socket, owns one
 * {@link io.valuetask.ManualResetValueTaskSource source}. Each operation is a <em>generation</em> of it. Arming
 * the source starts the next generation and yields its number, which the waiting side calls the
 * <em>token</em>. Source and token together are a {@link io.valuetask.ValueTask}: the handle that is returned to
 * the caller, consumed once, and then means nothing any more.
 *
 * <pre>
 *        owner                       completer                      waiter
 *
 *   token = arm()  ------------------------------------&gt;  ValueTask(source, token)
 *                                                          onCompleted(continuation, state, token)
 *                              complete(token, result) --&gt; continuation(state)
 *   arm() is legal again  &lt;------------------------------  getResult(token)
 * </pre>
 *
 * <p>The model, the names and the order of the calls are those of .NET's {@code ValueTask} and
 * {@code IValueTaskSource}. What differs is named in each type: tokens do not wrap, completers present the token,
 * every transition is one atomic step of one word, and a continuation that comes late is answered
 * {@code false} in place of being queued.
 *
 * <p>Whoever starts an operation may hand in a {@link io.valuetask.CancellationToken}, the right to learn that it is
 * not wanted any more. The source registers with it while the operation is pending and in no other time, so that one
 * token may serve every operation of a long-lived connection.
 *
 * <p>A sequence of operations that each bring one element is an {@link io.valuetask.AsyncIterator}; one with a producer's
 * side is an {@link io.valuetask.AsyncIteratorSource}, which is two such sources and a slot for the element; one whose
 * producer is a reactive stream is an {@link io.valuetask.AsyncIteratorSubscriber}. Sources that
 * are needed for a moment come from a {@link io.valuetask.ValueTaskSourcePool}; {@link io.valuetask.ValueTasks} starts
 * bodies that are awaited as value tasks, and awaits several as one.
 *
 * <h2>Rules that always hold</h2>
 *
 * <ol>
 * <li>Validate before you mutate: result, failure, continuation and context are written only by whoever won the
 * transition that owns them.</li>
 * <li>A completer presents the generation; a late one cannot touch the next operation.</li>
 * <li>Consumption is the winning compare-and-set. The source can be armed again only as its effect.</li>
 * <li>A second waiter is refused, and the first keeps its continuation, state and context. A waiter that comes
 * after the completion is told so, once.</li>
 * <li>{@code getResult} never blocks, and the outcome is published before the continuation runs.</li>
 * <li>After consumption the source holds no result, failure, continuation, state, thread or executor.</li>
 * <li>A continuation that throws is reported to its thread's uncaught exception handler; neither the completer
 * nor an event loop sees it.</li>
 * <li>Inline completion nests eight deep at most, and so does cancellation; a longer chain runs in constant stack. The
 * ninth continuation waits until the first has returned; if the thread is about to block in {@code await}, which may be
 * for that continuation, it goes on in a virtual thread instead. To block in another way inside a continuation, such as
 * in {@code CompletableFuture.join}, may wait for ever.</li>
 * <li>A handle never consumes by accident: {@code toString}, {@code equals} and {@code hashCode} only look.</li>
 * <li>A cancellation token that fires cancels the operation that it was given to, if that is pending, and never the
 * next one. It is not lost, however it meets the start of the operation; afterwards the token does not refer to the
 * source.</li>
 * </ol>
 *
 * <h2>What misuse answers</h2>
 *
 * <p>Not all are a {@code ValueTaskMisuseException}: those that are another exception say which. Each message of
 * {@link io.valuetask.ValueTaskMisuseException} that comes from a reusable source carries
 * {@code token}, {@code current} (the source's generation), {@code state}, {@code waiter} and {@code source}; that of
 * a pooled one that is armed by somebody else has no token to tell. Those of other objects, such as an awaiter, a
 * registration, an iterator or a future, say what that holds or where it stands.
 *
 * <p>With the system property {@code io.valuetask.debug=true} a reusable source remembers where its operation was started,
 * awaited, completed and taken, by the names of the threads, and the exception has these places as suppressed ones: the
 * stack trace of a second read shows who made the first. Each step then pays for a stack trace; without the property the
 * compiler removes them. When the outcome is taken, only the place where that was done is kept.
 *
 * <table>
 * <caption>Messages, causes, remedies</caption>
 * <tr><th>It says</th><th>What happened</th><th>What to do</th></tr>
 * <tr><td>an operation of this source is still in progress or its result was not taken</td>
 * <td>a second read while one is pending, or an armed source armed again</td>
 * <td>await it before you start the next operation</td></tr>
 * <tr><td>this value task already has a waiter</td>
 * <td>a second await, at the same time or after the completion was announced to the first</td>
 * <td>let one party await it, or share it with {@code toCompletableFuture()}</td></tr>
 * <tr><td>the result of this value task was already taken</td><td>a second await, after the first</td>
 * <td>await once, or keep it with {@code toCompletableFuture()}</td></tr>
 * <tr><td>this value task belongs to an earlier operation</td><td>a handle kept too long</td>
 * <td>as above</td></tr>
 * <tr><td>the operation has not completed</td><td>{@code result()} of something pending</td>
 * <td>await it, or check {@code isCompleted()} first</td></tr>
 * <tr><td>this token was never issued</td><td>a number from elsewhere</td>
 * <td>use the token that arming the source returned</td></tr>
 * <tr><td>the operation was completed before; this completion is for an operation whose result was already taken; this
 * completion is for an earlier operation</td><td>two completers, or one twice, or one that comes late</td>
 * <td>complete an operation once, and use the {@code try...} form where completers may race</td></tr>
 * <tr><td>this registration is still registered</td>
 * <td>a {@link io.valuetask.CancellationRegistration} registered again before it was closed</td>
 * <td>close it when its operation is consumed, or use a second one</td></tr>
 * <tr><td>this source went back to its pool when the result was taken</td>
 * <td>a rented source that somebody kept for another operation</td>
 * <td>rent one for each operation</td></tr>
 * <tr><td>the same value task was given twice</td><td>one operation at two places of a combination</td>
 * <td>give each one once, or share it with {@code preserve()}</td></tr>
 * <tr><td>this awaiter still holds a value task; this awaiter holds no value task</td>
 * <td>an awaiter used for two operations at once; its result asked for twice, or before {@code onCompleted}</td>
 * <td>one awaiter for each operation that may be under way; {@code onCompleted} first, then {@code result} once</td></tr>
 * <tr><td>this registration has a callback and no source</td>
 * <td>what {@link io.valuetask.CancellationToken#register} answered, registered for an operation</td>
 * <td>create a registration for the source, or register the callback anew</td></tr>
 * <tr><td>there is no current element</td><td>{@code current()} before the first move, during one, or after the
 * end</td><td>await {@code moveNext()}, and go on if it answers true</td></tr>
 * <tr><td>the consumer has not asked for the element after the last one</td>
 * <td>{@code emit} after a {@code tryEmit}, or after an {@code emit} that was cancelled</td>
 * <td>await {@code requested()} between the two</td></tr>
 * <tr><td>another producer is emitting at this moment</td><td>two producers</td>
 * <td>let one producer emit at a time</td></tr>
 * <tr><td>the sequence was completed before</td><td>{@code emit} after {@code complete()}</td>
 * <td>emit before {@code complete()}</td></tr>
 * <tr><td>this iterable was looped over before; this publisher had a subscriber before</td>
 * <td>a sequence has one consumer</td><td>collect the elements, or ask for a new view to go on</td></tr>
 * <tr><td>the publisher has signalled an element that was not requested ({@code IllegalStateException})</td>
 * <td>a publisher that takes no notice of demand; the sequence fails with this behind what was requested</td>
 * <td>correct the publisher, or put a buffer in between</td></tr>
 * <tr><td>the future of an IntValueTask was completed with null ({@code NullPointerException})</td>
 * <td>a future of numbers that brought none</td>
 * <td>complete it with a number, or use {@code ValueTask.fromFuture}</td></tr>
 * <tr><td>this cancellation token source is closed ({@code IllegalStateException})</td>
 * <td>{@code cancel} or {@code cancelAfter} after {@code close}</td>
 * <td>cancel before you close it, or create a new one</td></tr>
 * <tr><td>the factory returned a source that is in use or has a pool ({@code IllegalStateException})</td>
 * <td>a pool whose factory hands out one source twice</td><td>return a new one for each call</td></tr>
 * <tr><td>this source has used up all its tokens</td><td>2<sup>56</sup> operations</td>
 * <td>make a new source</td></tr>
 * </table>
 *
 * <h2>Memory order, and how the code names it</h2>
 *
 * <p>{@code ...Acquire} reads and {@code ...Release} writes with that mode; {@code cas...} is a compare-and-set
 * with volatile semantics; a field without a mode in its accessor is plain and says which state of the word
 * protects it. A mode weaker than a compare-and-set stands with the reason that licenses it.
 *
 * <h2>Not supported, on purpose</h2>
 *
 * <p>More than one waiter per operation, awaiting twice, and blocking for a result in {@code getResult}. That is
 * what {@link io.valuetask.ValueTask#toCompletableFuture()} is for.
 */
@NullMarked
package io.valuetask;

import org.jspecify.annotations.NullMarked;
