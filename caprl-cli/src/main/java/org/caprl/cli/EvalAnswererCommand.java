package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import org.caprl.core.InputException;
import org.caprl.trainer.launch.AnswererLaunch;
import org.caprl.trainer.recipe.AnswererReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl eval-answerer}: whether an answerer reads what captions say. */
@Command(name = "eval-answerer", description = "Measures how an answerer reads true and faulty captions.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExample:%n",
        footer = "  caprl eval-answerer --model configs/smoke/answerer --template short")
final class EvalAnswererCommand implements Runnable {
    @Option(names = "--model", paramLabel = "DIR", required = true, description = "Hugging Face folder.")
    private Path model;

    @Option(names = "--template", paramLabel = "NAME", defaultValue = "default",
            description = "What it is told, as answerer.template: default, short, or a text file (default: default).")
    private String template;

    @Option(names = "--examples", paramLabel = "N", defaultValue = "300", description = "Questions a kind of caption (default: 300).")
    private int examples;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of the scenes (default: 0).")
    private long seed;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "What computes (default: auto, the fastest here).")
    private String backend;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "0, the default, takes every processor.")
    private int threads;

    @Option(names = "--json", description = "JSON on standard output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        if (examples < 1) {
            throw new InputException("--examples is " + examples + "; give at least 1");
        }
        PrintWriter err = spec.commandLine().getErr();
        AnswererReport report = AnswererLaunch.run(model, template, examples, seed, backend, threads, line -> {
            err.println(line);
            err.flush();
        });
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? JsonOutput.of(report) : report.text());
        out.flush();
    }
}
