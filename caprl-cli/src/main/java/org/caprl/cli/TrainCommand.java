package org.caprl.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.config.ConfigReader;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.launch.Launch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code caprl train}: the reinforcement-learning run of a configuration. */
@Command(name = "train",
        description = "Trains a caption policy, or goes on from its last checkpoint.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl train configs/smoke.yaml", "  caprl train configs/smoke.yaml run.name=second seed=2",
            "  caprl train configs/smoke.yaml --plan"})
final class TrainCommand implements Runnable {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "YAML file; `caprl config` prints every key.")
    private Path config;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "KEY=VALUE", description = "Overrides of the file's keys.")
    private List<String> overrides = List.of();

    @Option(names = "--plan", description = "Print batch arithmetic, memory estimate and backend, and stop.")
    private boolean plan;

    @Option(names = "--fresh", description = "Begin a new run under the next free name instead of continuing.")
    private boolean fresh;

    @Override
    public void run() {
        PrintStream out = System.out;
        new Launch(ConfigReader.read(RunConfig.class, config, overrides), out).run(new Launch.Options(plan, fresh));
    }
}
