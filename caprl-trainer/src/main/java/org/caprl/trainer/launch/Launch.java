package org.caprl.trainer.launch;

import java.io.PrintStream;
import java.util.List;
import org.caprl.core.config.ConfigWriter;
import org.caprl.trainer.config.BatchPlan;
import org.caprl.trainer.config.RaySection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.recipe.ImageRows;
import org.caprl.trainer.state.RunDirectory;

/** A run from its configuration: what it would take, and the run itself, wherever its parts are placed. */
public final class Launch {
    private final RunConfig config;
    private final PrintStream out;

    /**
     * A run.
     *
     * @param out where plan, lines and the final table go
     */
    public Launch(RunConfig config, PrintStream out) {
        this.config = config;
        this.out = out;
    }

    /**
     * What to do.
     *
     * @param planOnly print everything derived, and stop; weights, tokenizers and data need not be there
     * @param fresh take the next free name instead of continuing
     */
    public record Options(boolean planOnly, boolean fresh) {
    }

    /** Runs to the last step. @throws StoppedBySignalException when Ctrl-C or SIGTERM ended it in order */
    public void run(Options options) {
        List<String> missing = options.planOnly() ? ConfigPlan.missing(config) : List.of();
        if (!missing.isEmpty()) {
            ConfigPlan.print(config, missing, out);
            return;
        }
        if (!options.planOnly()) {
            AnswererCheck.run(config, out::println);
        }
        DataFiles.ensure(config, out::println);
        try (Placement placement = placement(); RunInputs inputs = RunInputs.open(config)) {
            out.println(placement.reason());
            inputs.skipped().forEach(out::println);
            out.println(BatchPlan.of(config, inputs.size()).text());
            LoraPlan.line(config).ifPresent(out::println);
            out.println(placement.plan(inputs));
            if (options.planOnly()) {
                return;
            }
            List<ImageRows.Row> evalRows = inputs.held().first(config.eval().images());
            inputs.held().takeSkipped().forEach(out::println);
            try (StopSignal stop = new StopSignal(System.err)) {
                new TrainingRun(inputs, evalRows, placement, stop, out).run(() -> open(options.fresh()));
            }
        }
    }

    private Placement placement() {
        return config.ray().address().equals(RaySection.NOWHERE) ? new LocalPlacement(config) : new RayPlacement(config);
    }

    private RunDirectory open(boolean fresh) {
        String resolved = ConfigWriter.yaml(config);
        if (!fresh) {
            return RunDirectory.open(config.run().output(), config.run().name(), resolved);
        }
        return RunDirectory.openFresh(config.run().output(), config.run().name(), name -> ConfigWriter.yaml(config.named(name)));
    }
}
