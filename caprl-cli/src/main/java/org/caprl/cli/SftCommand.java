package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.config.ConfigReader;
import org.caprl.trainer.config.SftConfig;
import org.caprl.trainer.launch.SftLaunch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl sft}: supervised training. */
@Command(name = "sft", description = "Trains a model on given captions or answers (supervised).",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl sft configs/smoke-policy-sft.yaml --plan", "  caprl sft sft.yaml output=models/warm trainer.lr=1e-5"})
final class SftCommand implements Runnable {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "YAML file; `caprl config --sft` prints every key.")
    private Path config;

    @Parameters(index = "1..*", arity = "0..*", paramLabel = "KEY=VALUE", description = "Values that replace those of the file.")
    private List<String> overrides = List.of();

    @Option(names = "--plan", description = "Print what would be done, and stop.")
    private boolean plan;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter out = spec.commandLine().getOut();
        try (SftLaunch launch = new SftLaunch(ConfigReader.read(SftConfig.class, config, overrides), line -> {
            out.println(line);
            out.flush();
        })) {
            if (plan) {
                out.print(launch.plan());
                out.flush();
            } else {
                launch.run();
            }
        }
    }
}
