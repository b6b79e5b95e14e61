package org.caprl.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl doctor}: what this machine can do, and what stands in the way. */
@Command(name = "doctor", description = "Says what this machine can do, and how fast.",
        sortOptions = false, optionListHeading = "%nOptions:%n")
final class DoctorCommand implements Runnable {
    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0",
            description = "Threads to measure with; 0, the default, takes every processor.")
    private int threads;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        DoctorReport report = DoctorReport.ofThisMachine(threads);
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? json(report) : report.text());
        out.flush();
    }

    private static String json(DoctorReport report) {
        try {
            return new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }
}
