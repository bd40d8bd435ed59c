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
 * <li>Inline completion nests eight deep at most; a longer chain runs in constant stack.</li>
 * <li>A handle never consumes by accident: {@code toString}, {@code equals} and {@code hashCode} only look.</li>
 * </ol>
 *
 * <h2>What misuse answers</h2>
 *
 * <p>Each message of {@link io.valuetask.ValueTaskMisuseException} carries {@code token}, {@code current} (the
 * source's generation), {@code state}, {@code waiter} and {@code source}; an awaiter's say
 * what it holds.
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
 * <tr><td>the operation was completed before</td><td>two completers, or one twice</td>
 * <td>use the {@code try...} form where completers may race</td></tr>
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
