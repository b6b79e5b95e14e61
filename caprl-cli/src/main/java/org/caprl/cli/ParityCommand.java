package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.caprl.core.parity.GoldenDirectory;
import org.caprl.core.parity.Parity;
import org.caprl.core.parity.ParityReport;
import org.caprl.core.parity.ParityTable;
import org.caprl.core.parity.Verdict;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl parity}: what this engine computes against what transformers computed. */
@Command(name = "parity", description = "Compares this engine with golden data of transformers.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nWhere:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  caprl parity golden                          every family and case in the folder golden",
            "  caprl parity golden --family qwen2_5_vl      one family; not being able to compute it is then a failure",
            "  python scripts/make_golden.py MODEL golden   makes such a folder from a checkpoint",
            "%nExit code 1: a quantity fails, or is unsupported in a family that was asked for by name."})
final class ParityCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "Folder with FAMILY/checkpoint and FAMILY/cases.")
    private Path directory;

    @Option(names = "--family", paramLabel = "NAME", split = ",", description = "Only this family; repeat it or give a comma list.")
    private List<String> families = List.of();

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "What computes; auto, the default, takes the fastest that works here.")
    private String backend;

    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        GoldenDirectory golden = GoldenDirectory.open(directory, families.stream().map(String::strip).toList());
        PrintWriter err = spec.commandLine().getErr();
        Backends.Choice choice = Backends.open(backend, 0);
        err.println(choice.reason());
        ParityReport report;
        try (TensorOps ops = choice.ops()) {
            report = new Parity(ops).run(golden, what -> {
                err.println(what);
                err.flush();
            });
        }
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? report.json().toPrettyString() + "\n" : ParityTable.of(report));
        out.flush();
        boolean failed = report.count(Verdict.FAIL) > 0 || !families.isEmpty() && report.count(Verdict.UNSUPPORTED) > 0;
        return failed ? ExitCode.CHECK_FAILED : ExitCode.DONE;
    }
}
