package org.caprl.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.caprl.rollout.cluster.ClusterState;
import org.caprl.rollout.cluster.LocalCluster;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl ray status}: whether the cluster of this machine lives. */
@Command(name = "status", description = "Says whether the cluster that `caprl ray up` started lives; code 1 if not the whole of it does.",
        sortOptions = false, optionListHeading = "%nOptions:%n")
final class RayStatusCommand implements Callable<Integer> {
    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** The JSON form; without a cluster, nothing but {@code up}. */
    private record Output(boolean up, String address, String dashboard, String ray, String java, List<Node> nodes, int processes) {
        /** A node. */
        private record Node(String ip, int cpus, boolean alive) {
        }
    }

    @Override
    public Integer call() {
        Optional<LocalCluster.Status> status = LocalCluster.ofUser().status();
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.print(status.map(RayStatusCommand::json)
                    .orElseGet(() -> JsonOutput.of(new Output(false, null, null, null, null, List.of(), 0))));
        } else {
            out.print(status.map(RayStatusCommand::text).orElse("no cluster of this machine; `caprl ray up` starts one\n"));
        }
        out.flush();
        return status.filter(LocalCluster.Status::up).isPresent() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }

    static String json(LocalCluster.Status status) {
        ClusterState state = status.state();
        List<Output.Node> nodes = new ArrayList<>();
        for (int i = 0; i < state.nodes().size(); i++) {
            ClusterState.Node node = state.nodes().get(i);
            nodes.add(new Output.Node(node.ip(), node.cpus(), status.nodesAlive().get(i)));
        }
        return JsonOutput.of(new Output(status.up(), state.address(), state.dashboard(), state.ray(), state.java(), nodes,
                status.processes()));
    }

    static String text(LocalCluster.Status status) {
        ClusterState state = status.state();
        StringBuilder text = new StringBuilder();
        line(text, "head", state.address() + ", Ray " + state.ray());
        line(text, "jobs", state.dashboard());
        line(text, "JDK", state.java());
        for (int i = 0; i < state.nodes().size(); i++) {
            ClusterState.Node node = state.nodes().get(i);
            line(text, "node", node.ip() + ", " + node.cpus() + " CPUs, " + (status.nodesAlive().get(i) ? "alive" : "DEAD"));
        }
        line(text, "processes", Integer.toString(status.processes()));
        if (!status.up()) {
            text.append("not the whole of it lives: end the rest with `caprl ray down`\n");
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("%-10s%s%n".formatted(name, value));
    }
}
