package org.caprl.rollout.ray;

import io.ray.api.ActorHandle;
import io.ray.api.ObjectRef;
import io.ray.api.Ray;
import io.ray.api.exception.RayException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.caprl.core.RunStoppedException;
import org.caprl.core.machine.MachineReport;

/**
 * The nodes of a cluster beside the process that asks: what each runs with, and what must be the same everywhere and is not.
 *
 * @param address of the head
 * @param driver the process that asks
 * @param nodes all that are alive, by address
 * @param differences one line each; empty if all is well
 */
public record ClusterReport(String address, NodeFacts driver, List<Seen> nodes, List<String> differences) {
    /** What must be the same in every process of a run, by name. */
    private static final Map<String, Function<NodeFacts, String>> SAME = new LinkedHashMap<>();

    static {
        SAME.put("Ray", NodeFacts::ray);
        SAME.put("Java", f -> f.machine().java().version());
        SAME.put("jars", ClusterReport::jars);
        SAME.put("backends", ClusterReport::backends);
    }

    /**
     * A node.
     *
     * @param node as the head sees it
     * @param facts what an actor on it found; null if none could
     * @param failure why not; null if one could
     */
    public record Seen(RayNode node, NodeFacts facts, String failure) {
    }

    /**
     * Looks at every node at once, by an actor that takes none of its CPUs.
     *
     * @param threads to measure speed with; 0 takes every processor
     * @param limit for each node
     */
    public static ClusterReport of(RaySession session, int threads, Duration limit) {
        List<RayNode> alive = session.nodes().stream().filter(RayNode::alive).toList();
        List<ActorHandle<DoctorActor>> doctors = alive.stream().map(node -> Ray.actor(DoctorActor::new)
                .setResource("CPU", 0.0).setResource("node:" + node.address(), 0.001).remote()).toList();
        try {
            List<ObjectRef<byte[]>> looks = doctors.stream().map(doctor -> doctor.task(DoctorActor::look, threads).remote()).toList();
            List<Seen> seen = new ArrayList<>();
            for (int i = 0; i < looks.size(); i++) {
                seen.add(seen(alive.get(i), looks.get(i), limit));
            }
            NodeFacts driver = NodeFacts.ofThisProcess(threads);
            return new ClusterReport(session.address(), driver, seen, differences(driver, seen));
        } finally {
            doctors.forEach(doctor -> doctor.kill(true));
        }
    }

    private static Seen seen(RayNode node, ObjectRef<byte[]> look, Duration limit) {
        try {
            return new Seen(node, NodeFacts.of(RaySession.get(look, limit, "a look at " + node)), null);
        } catch (RayException | RunStoppedException e) {
            return new Seen(node, null, firstLine(e));
        }
    }

    /** Of the deepest cause: Ray wraps what an actor died of. */
    private static String firstLine(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        String message = String.valueOf(root.getMessage()).strip().lines().findFirst().orElse("");
        return root instanceof RunStoppedException ? message : root.getClass().getSimpleName() + ": " + message;
    }

    static List<String> differences(NodeFacts driver, List<Seen> nodes) {
        List<String> lines = new ArrayList<>();
        for (Seen seen : nodes) {
            if (seen.facts() == null) {
                lines.add("node " + seen.node().address() + " could not be looked at: " + seen.failure()
                        + "; do our jars lie there under the same paths as here, and was JAVA_HOME a "
                        + "JDK 25 when `ray start` ran there?");
            } else {
                SAME.forEach((name, value) -> {
                    if (!value.apply(seen.facts()).equals(value.apply(driver))) {
                        lines.add("node " + seen.node().address() + " has " + name + " " + value.apply(seen.facts()) + ", this process has "
                                + value.apply(driver));
                    }
                });
            }
        }
        return lines;
    }

    private static String jars(NodeFacts facts) {
        return facts.caprl() + " " + facts.digest();
    }

    /** Those that work; that of {@code auto} first. */
    private static String backends(NodeFacts facts) {
        return facts.machine().backends().stream().filter(MachineReport.Backend::works)
                .map(b -> b.name() + (b.auto() ? " (auto)" : "")).collect(Collectors.joining(", "));
    }

    /** A table, one line for this process and one a node, differences marked by {@code !}. */
    public String text() {
        List<List<String>> rows = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("node"));
        header.addAll(SAME.keySet());
        header.addAll(List.of("threads", "memory", "GPUs", "GFLOP/s"));
        rows.add(header);
        rows.add(row("this process", driver, driver, "-"));
        nodes.forEach(n -> rows.add(n.facts() == null ? List.of(n.node().address() + " !", n.failure())
                : row(n.node().address(), n.facts(), driver, "%.0f".formatted(n.node().gpus()))));
        int[] widths = new int[header.size()];
        rows.stream().filter(r -> r.size() == header.size()).forEach(r -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], r.get(i).length());
            }
        });
        StringBuilder text = new StringBuilder("Ray cluster at " + address + "\n\n");
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                line.append(row.get(i)).append(" ".repeat(Math.max(0, widths[i] - row.get(i).length()) + 2));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        text.append('\n').append(differences.isEmpty() ? "the same everywhere\n" : String.join("\n", differences) + "\n");
        return text.toString();
    }

    private static List<String> row(String name, NodeFacts facts, NodeFacts driver, String gpus) {
        List<String> row = new ArrayList<>(List.of(name));
        SAME.values().forEach(value -> {
            String shown = value.apply(facts);
            row.add(shown.equals(value.apply(driver)) ? shown : shown + " !");
        });
        MachineReport machine = facts.machine();
        row.addAll(List.of(Integer.toString(machine.threads()), "%.1f GiB".formatted(machine.memory().total() / (double) (1L << 30)), gpus,
                machine.speed() == null ? "-" : "%.0f".formatted(machine.speed().gemmGflops())));
        return row;
    }
}
