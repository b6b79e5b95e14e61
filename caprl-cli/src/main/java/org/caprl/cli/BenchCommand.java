package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.machine.MachineReport;
import org.caprl.core.nn.WeightType;
import org.caprl.trainer.bench.Bench;
import org.caprl.trainer.bench.BenchCase;
import org.caprl.trainer.bench.BenchCases;
import org.caprl.trainer.bench.BenchModels;
import org.caprl.trainer.bench.CaseResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl bench}: how long generation, training steps and answers take on this machine. */
@Command(name = "bench", description = "Measures generation, training steps and answers on this machine.",
        subcommands = BenchRayCommand.class, sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nWhat:%n",
        commandListHeading = "%nOf a cluster:%n", footerHeading = "%nExamples:%n",
        footer = {
            "  caprl bench                             every case but those that need gigabytes, in minutes",
            "  caprl bench generate-text --profile     three cases, and where their time goes",
            "  caprl bench decode-large                decoding beside the memory's bandwidth",
            "  scripts/bench_peers.sh                  the same cases beside transformers, PyTorch and TRL"})
final class BenchCommand implements Runnable {
    private static final int LEAST_WARMUPS = 3;

    @Parameters(paramLabel = "CASE", arity = "0..*", description = "A case, or what names begin with; see --list.")
    private List<String> names = List.of();

    @Option(names = "--list", description = "Only name the cases.")
    private boolean list;

    @Option(names = "--json", description = "JSON on standard output: machine, cases.")
    private boolean json;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "0, the default, takes every processor.")
    private int threads;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "What computes (default: auto, the fastest here).")
    private String backend;

    @Option(names = "--model", paramLabel = "DIR", arity = "1..*",
            description = "Hugging Face folders to measure in place of small random models: a Qwen2, a Qwen2.5-VL.")
    private List<Path> given = List.of();

    @Option(names = "--answerer", paramLabel = "DIR", description = "Text model that answers, in place of a small random one.")
    private Path answerer;

    @Option(names = "--models", paramLabel = "DIR", defaultValue = "models/bench",
            description = "Where the small random models are kept, made when first needed (default: ${DEFAULT-VALUE}).")
    private Path made;

    @Option(names = "--dtype", paramLabel = "TYPE", defaultValue = "float32",
            description = "Type of the weights of models that only generate or answer: float32, the default, or bfloat16.")
    private WeightType dtype;

    @Option(names = "--repeats", paramLabel = "N", defaultValue = "5",
            description = "Fewest timed repetitions of a case (default: ${DEFAULT-VALUE}).")
    private int repeats;

    @Option(names = "--seconds", paramLabel = "S", defaultValue = "2",
            description = "Shortest timed stretch of a case, in seconds (default: ${DEFAULT-VALUE}).")
    private double seconds;

    @Option(names = "--warmup", paramLabel = "S", defaultValue = "5",
            description = "Seconds of untimed repetitions before it, " + LEAST_WARMUPS + " at least (default: ${DEFAULT-VALUE}).")
    private double warmup;

    @Option(names = "--profile", description = "Repeat each case once more and tell where its time goes.")
    private boolean profile;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        if (list) {
            BenchCases.list().forEach(c -> out.println(c.name() + (c.onRequest() ? "  (only if named)" : "")));
            out.flush();
            return;
        }
        if (repeats < 1 || !(seconds >= 0) || !(warmup >= 0)) {
            throw new InputException("--repeats is " + repeats + ", --seconds " + seconds + ", --warmup " + warmup
                    + "; give at least 1 repetition, and no negative times");
        }
        List<BenchCase> cases = BenchCases.named(names);
        Bench bench = new Bench(new BenchModels(made, given, answerer), dtype, backend, threads,
                new Bench.Repetitions(warmup, LEAST_WARMUPS, seconds, repeats), profile);
        PrintWriter err = spec.commandLine().getErr();
        MachineReport machine = MachineReport.ofThisMachine(threads);
        int longest = cases.stream().mapToInt(c -> c.name().length()).max().orElse(0);
        err.println("measuring " + cases.size() + (cases.size() == 1 ? " case" : " cases"));
        err.flush();
        List<CaseResult> results = bench.run(cases, result -> {
            err.println(BenchTable.line(result, longest));
            err.flush();
        });
        BenchReport report = new BenchReport(machine, results);
        out.print(json ? JsonOutput.of(report) : BenchTable.of(report));
        out.flush();
    }
}
