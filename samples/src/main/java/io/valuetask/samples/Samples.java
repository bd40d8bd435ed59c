package io.valuetask.samples;

import io.valuetask.samples.http.Sample15HttpServer;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;

/**
 * The door of the executable jar: {@code java -jar samples/target/netty-valuetask-samples.jar NAME [OPTIONS]}.
 * Every sample can also be run by its own {@code main}.
 */
@Command(name = "samples", mixinStandardHelpOptions = true, version = "netty-valuetask 0.1.0-SNAPSHOT", description = "Runs one of the samples, which are listed in the order to read them. 'samples NAME --help' has the options.", subcommands = {
    Sample01EchoServer.class, Sample02EchoServerWithCallbacks.class, Sample03EchoClient.class,
    Sample04LineServer.class, Sample05AwaitRules.class, Sample06PcMonitorByHand.class,
    Sample07PcMonitorReusable.class, Sample08PcMonitorPooled.class, Sample09BufferedBytes.class,
    Sample10MemoryStreams.class, Sample11LinesIterator.class, Sample12ConnectionPool.class,
    Sample13TcpProxy.class, Sample14ChatServer.class, Sample15HttpServer.class})
public final class Samples {
    private Samples() {}

    public static void main(String... arguments) {
        String[] asked = arguments.length == 0 ? new String[]{"--help"} : arguments;
        run(new Samples(), asked);
    }

    /**
     * Runs a command and returns if it went well, so that the event loops it started may go on. Otherwise it ends the
     * JVM: with status 2 when the arguments are wrong, with 1 when the work failed; one sentence on standard error says
     * why.
     *
     * @param command an object with picocli's annotations
     * @param arguments the command line
     */
    public static void run(Object command, String... arguments) {
        CommandLine line = new CommandLine(command).setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Samples::refuse).setExecutionExceptionHandler(Samples::fail);
        int status = line.execute(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    private static int refuse(ParameterException wrong, String[] arguments) {
        System.err.println(wrong.getMessage() + "; '" + wrong.getCommandLine().getCommandName()
                + " --help' tells what is possible");
        return wrong.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int fail(Exception failure, CommandLine line, CommandLine.ParseResult parsed) {
        System.err.println(failure instanceof SampleException ? failure.getMessage() : failure.toString());
        return line.getCommandSpec().exitCodeOnExecutionException();
    }
}
