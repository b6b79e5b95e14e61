package org.caprl.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.caprl.core.machine.MachineReport;
import org.caprl.rollout.ray.ClusterReport;
import org.caprl.rollout.ray.RaySession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl doctor}: what this machine, or a cluster, can do, and what stands in the way. */
@Command(name = "doctor", description = "Says what this machine, or a Ray cluster, can do.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl doctor", "  caprl doctor --ray auto"})
final class DoctorCommand implements Callable<Integer> {
    private static final Duration CONNECTION = Duration.ofSeconds(60);
    private static final Duration LOOK = Duration.ofSeconds(60);

    @Option(names = "--ray", paramLabel = "ADDRESS",
            description = "Look at every node of this cluster, HOST:PORT or auto, beside this process; code 1 if versions differ.")
    private String ray;

    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0",
            description = "Threads to measure with; 0, the default, takes every processor.")
    private int threads;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        boolean well = true;
        if (ray == null) {
            MachineReport report = MachineReport.ofThisMachine(threads);
            out.print(json ? json(report) : report.text());
        } else {
            try (RaySession session = RaySession.open(ray, CONNECTION)) {
                ClusterReport report = ClusterReport.of(session, threads, LOOK);
                well = report.differences().isEmpty();
                out.print(json ? json(report) : report.text());
            }
        }
        out.flush();
        return well ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }

    private static String json(Object report) {
        try {
            return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
