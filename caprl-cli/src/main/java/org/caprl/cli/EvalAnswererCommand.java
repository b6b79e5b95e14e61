package org.caprl.cli;

import java.io.PrintWriter;
import org.caprl.core.InputException;
import org.caprl.trainer.launch.AnswererLaunch;
import org.caprl.trainer.recipe.AnswererReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl eval-answerer}: whether an answerer reads what captions say. */
@Command(name = "eval-answerer", description = "Measures how an answerer reads true and faulty captions.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExample:%n",
        footer = "  caprl eval-answerer --model configs/smoke/answerer --template short")
final class EvalAnswererCommand implements Runnable {
    @Mixin
    private ModelOptions model;

    @Option(names = "--template", paramLabel = "NAME", defaultValue = "default",
            description = "What it is told, as answerer.template: default, short, or a text file (default: default).")
    private String template;

    @Option(names = "--examples", paramLabel = "N", defaultValue = "300", description = "Questions a kind of caption (default: 300).")
    private int examples;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of the scenes (default: 0).")
    private long seed;

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
        AnswererReport report = AnswererLaunch.run(model.model(), model.dtype(), template, examples, seed, model.backend(),
                model.threads(), line -> {
            err.println(line);
            err.flush();
        });
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? JsonOutput.of(report) : report.text());
        out.flush();
    }
}
