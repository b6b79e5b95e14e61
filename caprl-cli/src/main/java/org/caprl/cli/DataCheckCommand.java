package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.file.DataCheck;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl data check}: every row that a run could not use. */
@Command(name = "check", description = "Lists every row that can't be used, with its place and the reason; decodes every image.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl data check data/train.jsonl", "  caprl data check 'data/train-*.parquet' --json",
            "%nExit code 1: there is a bad row."})
final class DataCheckCommand implements Callable<Integer> {
    @Parameters(paramLabel = "FILE", description = "Parquet or JSONL file, or a quoted glob of several.")
    private Path file;

    @Option(names = "--use", paramLabel = "USE", defaultValue = "questions",
            description = "What rows must have: questions (default, for `caprl train`), caption (for `caprl sft`) or any.")
    private RowUse use;

    @Option(names = "--json", description = "JSON on standard output: {rows, bad: [{place, reason}]}.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** The JSON form. */
    private record Output(long rows, List<DataCheck.BadRow> bad) {
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        List<DataCheck.BadRow> bad = new ArrayList<>();
        long rows;
        try (RowProgress progress = new RowProgress("check")) {
            rows = DataCheck.run(file, use, row -> {
                bad.add(row);
                if (!json) {
                    out.println(row.place() + ": " + row.reason());
                    out.flush();
                }
            }, progress);
        }
        if (json) {
            out.print(JsonOutput.of(new Output(rows, bad)));
        } else {
            out.printf(Locale.ROOT, "%,d rows, %,d bad%n", rows, bad.size());
        }
        out.flush();
        return bad.isEmpty() ? ExitCode.DONE : ExitCode.CHECK_FAILED;
    }
}
