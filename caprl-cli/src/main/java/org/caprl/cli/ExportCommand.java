package org.caprl.cli;

import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caprl.core.InputException;
import org.caprl.core.nn.WeightType;
import org.caprl.trainer.launch.ExportLaunch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code caprl export}: a model for others. */
@Command(name = "export", description = "Writes a plain Hugging Face folder, with a model card.",
        sortOptions = false, optionListHeading = "%nOptions:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl export --model runs/smoke --out captioner",
            "  caprl export --model runs/smoke/checkpoints/step-40 --out captioner --dtype bfloat16",
            "%nscripts/check_with_transformers.py compares the result with the original in transformers."})
final class ExportCommand implements Runnable {
    private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)(KB|MB|GB)");

    @Option(names = "--model", paramLabel = "RUN_OR_DIR", required = true,
            description = "A run (its newest checkpoint), a checkpoint of one, or a Hugging Face folder.")
    private Path model;

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "New folder; it is there in full or not at all.")
    private Path out;

    @Option(names = "--dtype", paramLabel = "TYPE", defaultValue = "float32",
            description = "Of the stored weights: float32 (default), or bfloat16, rounded to nearest even.")
    private WeightType dtype;

    @Option(names = "--max-shard-size", paramLabel = "SIZE", defaultValue = "50GB",
            description = "Weights are split into files of at most this size, such as 5GB or 500MB (default: ${DEFAULT-VALUE}).")
    private String maxShardSize;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        PrintWriter err = spec.commandLine().getErr();
        new ExportLaunch(model, out, dtype, bytes(maxShardSize)).run(line -> {
            err.println(line);
            err.flush();
        });
    }

    /** Powers of ten, as {@code save_pretrained} has them. */
    private static long bytes(String size) {
        Matcher matcher = SIZE.matcher(size.toUpperCase(Locale.ROOT));
        long bytes = 0;
        if (matcher.matches()) {
            int zeros = matcher.group(2).equals("KB") ? 3 : matcher.group(2).equals("MB") ? 6 : 9;
            bytes = new BigDecimal(matcher.group(1)).movePointRight(zeros).longValue();
        }
        if (bytes <= 0) {
            throw new InputException("--max-shard-size is '" + size + "'; give a number with KB, MB or GB, such as 5GB");
        }
        return bytes;
    }
}
