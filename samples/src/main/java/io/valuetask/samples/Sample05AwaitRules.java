// $ java -jar samples/target/netty-valuetask-samples.jar await-rules
package io.valuetask.samples;

import io.netty.handler.codec.LineBasedFrameDecoder;
import io.netty.handler.codec.string.StringDecoder;
import io.netty.handler.codec.string.StringEncoder;
import io.netty.util.concurrent.Future;
import io.valuetask.ValueTask;
import io.valuetask.netty.ValueTaskChannel;
import io.valuetask.netty.ValueTaskChannelInitializer;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * Good, doubtful and bad ways to await, each really done to the reads of one connection. What is bad throws where it is
 * done, and harms nobody: those who await rightly get what is theirs.
 */
@Command(name = "await-rules", mixinStandardHelpOptions = true, description = "Good, doubtful and bad ways to await, and what each gives.")
public final class Sample05AwaitRules implements SampleCommand {
    @Mixin
    private SampleLoops loops;

    private ValueTaskChannel<String, String> channel;

    public static void main(String... arguments) {
        Samples.run(new Sample05AwaitRules(), arguments);
    }

    @Override
    public void run() throws Exception {
        try (SampleLoopback echo = new SampleLoopback(loops,
                ValueTaskChannelInitializer.serve(Sample01EchoServer::serve))) {
            channel = echo.<String, String>connect(pipeline -> pipeline
                    .addLast(new LineBasedFrameDecoder(80), new StringDecoder(), new StringEncoder()))
                    .await();
            showGood();
            showDoubtful();
            showRepeated();
            showTooEarlyAndTooLate();
        }
    }

    private void showGood() throws Exception {
        good("await it where it is made", ask("one").await());
        good("with a timeout, which cancels the operation and loses no message",
                ask("two").await(Duration.ofSeconds(20)));

        CompletableFuture<String> future = ask("three").toCompletableFuture();
        good("make a future of it, to be kept, shared and asked again", future.get() + ", " + future.get());

        say("four").discard();
        good("discard it, where nobody wants the outcome", channel.read().await());
    }

    private void showDoubtful() throws Exception {
        ValueTask<String> kept = ask("five");
        doubtful("kept in a variable: right as long as it is awaited once, and soon", kept.await());

        ValueTask<String> seen = ask("six");
        String answer = seen.isCompletedSuccessfully() ? seen.result() : seen.await();
        doubtful("looked at first: right as long as the result is taken once", answer);
    }

    private void showRepeated() throws Exception {
        ValueTask<String> twice = ask("seven");
        twice.await();
        bad("awaited twice", twice::await);

        ValueTask<String> converted = ask("eight");
        converted.toCompletableFuture().get();
        bad("awaited after a future was made of it", converted::await);

        ValueTask<String> shared = channel.read();
        CompletableFuture<String> first = shared.toCompletableFuture();
        bad("awaited by two at once", shared::await);
        say("nine").await();
        unharmed(first.get());

        ValueTask<String> old = ask("ten");
        old.await();
        ValueTask<String> next = channel.read();
        bad("kept for too long, while its source works for the next one", old::await);
        say("eleven").await();
        unharmed(next.await());
    }

    private void showTooEarlyAndTooLate() throws Exception {
        ValueTask<String> pending = channel.read();
        bad("its result taken before it is there", pending::result);
        say("twelve").await();
        unharmed(pending.await());

        ValueTask<String> forgotten = channel.read();
        bad("the next one started before this one was awaited", channel::read);
        say("thirteen").await();
        unharmed(forgotten.await());

        ValueTask<String> blocking = channel.read();
        Future<?> onLoop = channel.channel().eventLoop().submit((Callable<String>) blocking::await);
        bad("awaited on an event loop, which would wait for itself", () -> onLoop.sync().getNow());
        say("fourteen").await();
        unharmed(blocking.await());
    }

    /** A read, and what will answer it. */
    private ValueTask<String> ask(String word) {
        ValueTask<String> answer = channel.read();
        say(word).discard();
        return answer;
    }

    private ValueTask<Void> say(String word) {
        return channel.writeAndFlush(word + "\n");
    }

    private static void good(String rule, String result) {
        System.out.println("GOOD     " + rule + "\n         " + result);
    }

    private static void doubtful(String rule, String result) {
        System.out.println("WARNING  " + rule + "\n         " + result);
    }

    private static void bad(String rule, Callable<?> misuse) throws Exception {
        Object result;
        try {
            result = misuse.call();
        } catch (IllegalStateException refusal) { // what ValueTaskMisuseException and BlockingOperationException are
            System.out.println("BAD      " + rule + "\n         " + refusal.getClass().getSimpleName() + ": "
                    + refusal.getMessage());
            return;
        }
        throw new SampleException("not refused: " + rule + ", which gave " + result);
    }

    private static void unharmed(String result) {
        System.out.println("         unharmed: " + result);
    }
}
/*
GOOD     await it where it is made
         one
GOOD     with a timeout, which cancels the operation and loses no message
         two
GOOD     make a future of it, to be kept, shared and asked again
         three, three
GOOD     discard it, where nobody wants the outcome
         four
WARNING  kept in a variable: right as long as it is awaited once, and soon
         five
WARNING  looked at first: right as long as the result is taken once
         six
BAD      awaited twice
         ValueTaskMisuseException: the result of this value task was already taken: token=7, current=7, state=IDLE, waiter=NONE, source=ReadSource; await a value task once, or keep it with toCompletableFuture(); -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
BAD      awaited after a future was made of it
         ValueTaskMisuseException: the result of this value task was already taken: token=8, current=8, state=IDLE, waiter=NONE, source=ReadSource; await a value task once, or keep it with toCompletableFuture(); -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
BAD      awaited by two at once
         ValueTaskMisuseException: this value task already has a waiter: token=9, current=9, state=PENDING, waiter=REGISTERED, source=ReadSource; let one party await it, or share it with toCompletableFuture(); -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
         unharmed: nine
BAD      kept for too long, while its source works for the next one
         ValueTaskMisuseException: this value task belongs to an earlier operation: token=10, current=11, state=PENDING, waiter=NONE, source=ReadSource; await a value task once, or keep it with toCompletableFuture(); -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
         unharmed: eleven
BAD      its result taken before it is there
         ValueTaskMisuseException: the operation has not completed: token=12, current=12, state=PENDING, waiter=NONE, source=ReadSource; await it, or check isCompleted() first; -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
         unharmed: twelve
BAD      the next one started before this one was awaited
         ValueTaskMisuseException: an operation of this source is still in progress or its result was not taken: token=13, current=13, state=PENDING, waiter=NONE, source=ReadSource; await it before you start the next operation; -Dio.valuetask.debug=true adds where it was started, awaited, completed and taken
         unharmed: thirteen
BAD      awaited on an event loop, which would wait for itself
         BlockingOperationException: await() here would block every channel and handler of this executor: thread=multiThreadIoEventLoopGroup-2-2, loop=io.netty.channel.SingleThreadIoEventLoop@2cbb3d47; register a continuation with onCompleted(), or await on a virtual thread
         unharmed: fourteen
*/
