package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.caprl.rollout.cluster.LocalCluster;
import org.caprl.rollout.cluster.RayEnvironment;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code caprl ray up}: a cluster of this machine. */
@Command(name = "up", description = "Starts a Ray cluster of this machine; makes its environment (about 400 MB) if there is none.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl ray up", "  caprl ray up --nodes 2 --cpus 2", "  caprl train configs/smoke.yaml ray.address=auto"})
final class RayUpCommand implements Runnable {
    private static final int MOST_NODES = 16;

    @Option(names = "--nodes", paramLabel = "N", defaultValue = "1",
            description = "Nodes; those after the first are for trials, at 127.0.0.2 and so on (default: ${DEFAULT-VALUE}).")
    private int nodes;

    @Option(names = "--cpus", paramLabel = "N", description = "CPUs that each node offers (default: the processors, shared out).")
    private Integer cpus;

    @Option(names = "--port", paramLabel = "N", description = "Of the head (default: a free one).")
    private Integer port;

    @Option(names = "--dashboard-port", paramLabel = "N", description = "Of dashboard and job server (default: 8265, or a free one).")
    private Integer dashboardPort;

    @Option(names = "--object-store-mb", paramLabel = "N",
            description = "Memory for objects of each node, in MB (default: Ray's, 30%% of the machine's).")
    private Long objectStoreMegabytes;

    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        between("--nodes", nodes, 1, MOST_NODES);
        between("--cpus", cpus, 1, Integer.MAX_VALUE);
        between("--port", port, 1, 65535);
        between("--dashboard-port", dashboardPort, 1, 65535);
        PrintWriter err = spec.commandLine().getErr();
        Consumer<String> log = line -> {
            err.println(line);
            err.flush();
        };
        Path home = RayEnvironment.home();
        LocalCluster.Status status = LocalCluster.ofUser().up(RayEnvironment.findOrMake(home, log), new LocalCluster.Options(nodes,
                optional(cpus), optional(port), optional(dashboardPort),
                objectStoreMegabytes == null ? OptionalLong.empty() : OptionalLong.of(objectStoreMegabytes * 1_000_000)), log);
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? RayStatusCommand.json(status) : RayStatusCommand.text(status) + """

                train     caprl train CONFIG ray.address=auto
                submit    caprl submit CONFIG --address %s
                end       caprl ray down
                """.formatted(status.state().dashboard()));
        out.flush();
    }

    private void between(String option, Integer value, int least, int most) {
        if (value != null && (value < least || value > most)) {
            throw new ParameterException(spec.commandLine(), option + " is " + value + "; expected " + least
                    + (most == Integer.MAX_VALUE ? " or more" : " to " + most));
        }
    }

    private static OptionalInt optional(Integer value) {
        return value == null ? OptionalInt.empty() : OptionalInt.of(value);
    }
}
