package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.SampleImage;
import org.caprl.core.data.file.DataPage;
import org.caprl.core.data.file.DataSummary;
import org.caprl.core.image.SmartResize;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl data show}: what is in data files. */
@Command(name = "show", description = "Shows columns, counts and the first rows of data files, also as a page with the images.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl data show data/train.parquet", "  caprl data show data/train.jsonl --rows 50 --html train.html"})
final class DataShowCommand implements Runnable {
    @Parameters(paramLabel = "FILE", description = "Parquet or JSONL file, or a quoted glob of several.")
    private Path file;

    @Option(names = "--rows", paramLabel = "N", description = "Rows to show, from the first (default: 3, on a page 24).")
    private Integer rows;

    @Option(names = "--html", paramLabel = "PAGE", description = "Write a page that needs nothing beside it, images included.")
    private Path html;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        if (rows != null && rows < 0) {
            throw new InputException("--rows is " + rows + "; give 0 or more");
        }
        if (html != null && Files.exists(html)) {
            throw new InputException("--html: " + html + " exists; choose another name, or move it away");
        }
        DataSummary summary = DataSummary.of(file, rows != null ? rows : html != null ? 24 : 3);
        PrintWriter out = spec.commandLine().getOut();
        if (html != null) {
            AtomicFile.write(html, DataPage.html(summary).getBytes(StandardCharsets.UTF_8));
            spec.commandLine().getErr().println("wrote " + html + " with " + summary.first().size() + " rows");
            spec.commandLine().getErr().flush();
        } else {
            out.print(text(summary));
        }
        out.flush();
    }

    private static String text(DataSummary summary) {
        StringBuilder text = new StringBuilder();
        summary.files().forEach(f -> text.append(String.format(Locale.ROOT, "%s: %s, %,d rows, %,d bytes%n", f.path(), f.format(), f.rows(),
                f.bytes())));
        text.append("\ncolumns\n");
        summary.columns().forEach((name, type) -> line(text, name, type));
        text.append("\ncounts\n");
        line(text, "rows", String.format(Locale.ROOT, "%,d", summary.rows()));
        if (summary.bad() > 0) {
            line(text, "bad rows", String.format(Locale.ROOT, "%,d; `caprl data check` lists them", summary.bad()));
        }
        line(text, "images", String.format(Locale.ROOT, "%,d", summary.images()));
        line(text, "questions", String.format(Locale.ROOT, "%,d", summary.questions()));
        line(text, "captions", String.format(Locale.ROOT, "%,d", summary.captions()));
        summary.dataSources().forEach((source, n) -> line(text, source.isEmpty() ? "no data source" : source,
                String.format(Locale.ROOT, "%,d", n)));
        summary.first().forEach(row -> row(text, row));
        return text.toString();
    }

    private static void row(StringBuilder text, DataSummary.Shown row) {
        text.append('\n').append(row.place()).append('\n');
        if (row.sample() == null) {
            line(text, "bad", row.fault());
            return;
        }
        CaptionSample sample = row.sample();
        line(text, "id", sample.id());
        sample.images().forEach(image -> line(text, "image", image(image)));
        sample.prompt().forEach(turn -> line(text, turn.role(), turn.content()));
        for (QaItem question : sample.questions()) {
            line(text, "question", question.question());
            for (int i = 0; i < question.choices().size(); i++) {
                line(text, i == question.answer() ? "  right" : "", QaItem.letter(i) + ") " + question.choices().get(i));
            }
        }
        sample.caption().ifPresent(caption -> line(text, "caption", caption));
    }

    private static String image(SampleImage image) {
        try {
            SmartResize.Size size = image.size();
            return String.format(Locale.ROOT, "%d x %d, %,d bytes", size.width(), size.height(), image.bytes().length);
        } catch (InputException e) {
            return e.getMessage();
        }
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("  %-14s%s%n".formatted(name, value.replaceAll("\\p{Cntrl}", " ")));
    }
}
