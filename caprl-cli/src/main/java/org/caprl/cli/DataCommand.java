package org.caprl.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code caprl data}: the group of commands that make data. */
@Command(name = "data", description = "Makes data sets.", synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n", subcommands = DataSynthCommand.class)
final class DataCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Missing command");
    }
}
