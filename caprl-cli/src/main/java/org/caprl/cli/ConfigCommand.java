package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import org.caprl.core.config.ConfigDocs;
import org.caprl.core.config.ConfigReader;
import org.caprl.core.config.ConfigSchema;
import org.caprl.core.config.ConfigWriter;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.config.SftConfig;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl config}: what every key means, and what a file resolves to. */
@Command(name = "config", description = "Prints every configuration key, or what a file resolves to.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nOverrides:%n",
        footerHeading = "%nExamples:%n",
        footer = {
            "  caprl config                                        every key, as Markdown",
            "  caprl config --schema > caprl-train.schema.json     for the completion of an editor",
            "  caprl config --resolve run.yaml trainer.lr=1e-5     the file with its defaults filled in"})
final class ConfigCommand implements Runnable {
    @ArgGroup
    private Output output;

    @Option(names = "--sft", description = "The keys of `caprl sft` in place of those of `caprl train` and `caprl eval`.")
    private boolean sft;

    @Parameters(arity = "0..*", paramLabel = "KEY=VALUE", description = "With --resolve: values that replace those of the file.")
    private List<String> overrides = List.of();

    @Spec
    private CommandSpec spec;

    /** What is printed, if not Markdown. */
    private static final class Output {
        @Option(names = "--schema", description = "JSON Schema.")
        private boolean schema;

        @Option(names = "--resolve", paramLabel = "FILE", description = "The file as it is understood: every key with its value.")
        private Path resolve;
    }

    @Override
    public void run() {
        Class<? extends Record> type = sft ? SftConfig.class : RunConfig.class;
        boolean resolve = output != null && output.resolve != null;
        if (!resolve && !overrides.isEmpty()) {
            throw new ParameterException(spec.commandLine(),
                    "'" + overrides.getFirst() + "' needs --resolve FILE, whose values it replaces");
        }
        PrintWriter out = spec.commandLine().getOut();
        if (resolve) {
            out.print(ConfigWriter.yaml(ConfigReader.read(type, output.resolve, overrides)));
        } else if (output != null) {
            out.print(ConfigSchema.json(type, sft ? "caprl sft" : "caprl train"));
        } else {
            out.print(sft ? ConfigDocs.markdown(type) : document());
        }
        out.flush();
    }

    /** The page {@code docs/config.md}. */
    static String document() {
        return """
                # Configuration keys

                A configuration is a YAML file. `key=value` on the command line replaces a value of the file: `trainer.lr=1e-5`. An
                unknown key, a wrong type, a value out of range and a missing file are errors, all of them reported at once with file and
                line. This page is the output of `caprl config`.

                ## `caprl train` and `caprl eval`

                %s
                ## `caprl sft`

                %s""".formatted(ConfigDocs.markdown(RunConfig.class), ConfigDocs.markdown(SftConfig.class));
    }
}
