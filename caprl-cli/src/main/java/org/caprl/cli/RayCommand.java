package org.caprl.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code caprl ray}: the group of commands on a cluster of this machine. */
@Command(name = "ray", description = "Starts and ends a Ray cluster of this machine.", synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        subcommands = {RayUpCommand.class, RayStatusCommand.class, RayDownCommand.class})
final class RayCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Missing command");
    }
}
