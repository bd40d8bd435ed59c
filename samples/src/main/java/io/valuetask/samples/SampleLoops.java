package io.valuetask.samples;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The event loops of a sample, client or server, as its options say. */
final class SampleLoops {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--transport", defaultValue = "auto", converter = Transport.Parser.class, description = "nio, epoll, io_uring or auto: epoll where there is one")
    private Transport transport;

    private int count = Runtime.getRuntime().availableProcessors();

    @Option(names = "--loops", paramLabel = "N", description = "event loops; one for each processor unless said")
    void setCount(int count) {
        if (count < 1 || count > 1024) {
            throw new ParameterException(command.commandLine(),
                    "--loops must be a number from 1 to 1024, not " + count);
        }
        this.count = count;
    }

    Transport transport() {
        return transport;
    }

    EventLoopGroup create() throws SampleException {
        return new MultiThreadIoEventLoopGroup(count, transport.ioHandler());
    }
}
