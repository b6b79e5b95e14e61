package org.caprl.cli;

import java.io.PrintWriter;
import java.util.Optional;
import org.caprl.rollout.cluster.LocalCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl ray down}: the end of the cluster of this machine. */
@Command(name = "down", description = "Ends the processes that `caprl ray up` started, and no others.",
        sortOptions = false, optionListHeading = "%nOptions:%n")
final class RayDownCommand implements Runnable {
    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** The JSON form. */
    private record Output(int ended) {
    }

    @Override
    public void run() {
        Optional<Integer> ended = LocalCluster.ofUser().down();
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? JsonOutput.of(new Output(ended.orElse(0)))
                : ended.map(n -> "ended " + n + " processes of the cluster\n").orElse("there was no cluster of this machine\n"));
        out.flush();
    }
}
