package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import org.caprl.core.data.file.Conversion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl data convert}: from JSONL to Parquet and back. */
@Command(name = "convert", description = "Converts JSONL with images beside it to Parquet with images in it, and back, without loss.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl data convert data/shapes/train.jsonl data/shapes/train.parquet",
            "  caprl data convert 'CapRL-QA-75K/train-*.parquet' data/train.jsonl",
            "%nThe images of NAME.jsonl are written to NAME-images beside it. The target is there in full or not at all."})
final class DataConvertCommand implements Runnable {
    @Parameters(index = "0", paramLabel = "FROM", description = "Parquet or JSONL file, or a quoted glob of several.")
    private Path from;

    @Parameters(index = "1", paramLabel = "TO", description = "New file, NAME.parquet or NAME.jsonl.")
    private Path to;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        long rows;
        try (RowProgress progress = new RowProgress("convert")) {
            rows = Conversion.run(from, to, progress);
        }
        PrintWriter err = spec.commandLine().getErr();
        err.printf(Locale.ROOT, "wrote %,d rows to %s%n", rows, to);
        err.flush();
    }
}
