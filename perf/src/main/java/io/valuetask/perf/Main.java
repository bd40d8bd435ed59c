package io.valuetask.perf;

import io.valuetask.perf.load.LoadCommand;
import io.valuetask.perf.load.MergeCommand;
import io.valuetask.perf.report.ReportCommand;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The command line of the load harness. */
@Command(name = "perf", subcommands = {EchoCommand.class,
    IdleCommand.class, GateCommand.class, CompareCommand.class, ProxyCommand.class, LoadCommand.class,
    MergeCommand.class, ReportCommand.class}, description = "Measures what value tasks cost.")
public final class Main {
    @Option(names = "--help", usageHelp = true, scope = ScopeType.INHERIT, description = "Shows this text.")
    boolean help;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(
                new CommandLine(new Main()).setParameterExceptionHandler(Main::refuse).execute(arguments));
    }

    private static int refuse(ParameterException wrong, String[] arguments) {
        System.err.println(wrong.getMessage() + "; '" + wrong.getCommandLine().getCommandName()
                + " --help' tells what is possible");
        return wrong.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
    }
}
