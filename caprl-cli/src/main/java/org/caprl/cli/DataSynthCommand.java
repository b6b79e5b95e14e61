package org.caprl.cli;

import java.nio.file.Path;
import org.caprl.core.data.synth.SynthData;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl data synth}: a data set of drawn scenes and charts. */
@Command(name = "synth",
        description = "Draws scenes and small charts with questions, reference captions and facts; no eval scene occurs in training.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExample:%n",
        footer = "  caprl data synth --out data/shapes --train 2000 --eval 200 --seed 7")
final class DataSynthCommand implements Runnable {
    @Option(names = "--out", paramLabel = "DIR", required = true,
            description = "Folder for train.jsonl, eval.jsonl and images/; must be new or empty.")
    private Path out;

    @Option(names = "--train", paramLabel = "N", required = true, description = "Rows to learn from.")
    private int train;

    @Option(names = "--eval", paramLabel = "M", required = true, description = "Held-out rows.")
    private int eval;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0",
            description = "The same seed and counts give the same files (default: 0).")
    private long seed;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        SynthData.write(out, train, eval, seed);
        spec.commandLine().getErr().printf("wrote %d training and %d held-out rows to %s%n", train, eval, out);
        spec.commandLine().getErr().flush();
    }
}
