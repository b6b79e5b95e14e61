package org.caprl.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.caprl.core.InputException;
import org.caprl.core.checkpoint.AtomicFile;
import org.caprl.reward.ScoredCaption;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.launch.ScoreLaunch;
import org.caprl.trainer.state.SampleWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl reward score}: rewards of captions from a file. */
@Command(name = "score", description = "Scores captions from a file, whatever wrote them.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl reward score --answerer DIR --data eval.jsonl captions.jsonl",
            "  caprl reward score --config run.yaml step-60.jsonl --out scored.jsonl",
            "%nA line of FILE is {\"id\", \"caption\"}, with reward_model where --data does not hold the questions. With the step and "
                    + "index of a run's samples, the same questions are drawn as in the run."})
final class RewardScoreCommand implements Runnable {
    private static final int CAPTION_WIDTH = 60;

    @Parameters(paramLabel = "FILE", description = "Captions, JSONL.")
    private Path captions;

    @Mixin
    private RewardOptions options;

    @Option(names = "--rows", paramLabel = "N", defaultValue = "20", description = "Captions to show (default: 20).")
    private int rows;

    @Option(names = "--out", paramLabel = "FILE", description = "Write every caption with its rewards, questions and answers, JSONL in the "
            + "form of a run's samples.")
    private Path out;

    @Option(names = "--json", description = "JSON on standard output, all captions with all details.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** The JSON form. Mean and deviation are null where nothing is scored. */
    @JsonInclude(JsonInclude.Include.ALWAYS)
    private record Output(int captions, int unscored, Double mean, Double std, List<ObjectNode> rows) {
    }

    @Override
    public void run() {
        if (rows < 0) {
            throw new InputException("--rows is " + rows + "; give 0 or more");
        }
        if (out != null && Files.exists(out)) {
            throw new InputException("--out: " + out + " exists; choose another name, or move it away");
        }
        Optional<RunConfig> config = options.config();
        PrintWriter err = spec.commandLine().getErr();
        List<ScoreLaunch.Scored> scored;
        try (RowProgress progress = new RowProgress("score", "captions")) {
            ScoreLaunch.Listener listener = progress::rows;
            scored = config.isPresent() ? ScoreLaunch.run(config.get(), captions, options.data(), line -> print(err, line), listener)
                    : ScoreLaunch.run(options.plain(), captions, options.data(), line -> print(err, line), listener);
        }
        if (out != null) {
            AtomicFile.write(out, scored.stream().map(s -> line(s) + "\n").collect(Collectors.joining()).getBytes(StandardCharsets.UTF_8));
            print(err, "wrote " + out + " with " + scored.size() + " captions");
        }
        PrintWriter to = spec.commandLine().getOut();
        to.print(json ? JsonOutput.of(output(scored)) : text(scored));
        to.flush();
    }

    private static void print(PrintWriter err, String line) {
        err.println(line);
        err.flush();
    }

    private static ObjectNode line(ScoreLaunch.Scored scored) {
        return SampleWriter.line(scored.line().step(), scored.line().index(), scored.group(), 0);
    }

    private static ScoredCaption caption(ScoreLaunch.Scored scored) {
        return scored.group().captions().getFirst();
    }

    private static double[] totals(List<ScoreLaunch.Scored> scored) {
        return scored.stream().mapToDouble(s -> caption(s).total()).filter(total -> !Double.isNaN(total)).toArray();
    }

    private static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    private static double deviation(double[] values) {
        double mean = mean(values);
        return Math.sqrt(Arrays.stream(values).map(x -> (x - mean) * (x - mean)).average().orElse(Double.NaN));
    }

    private static Output output(List<ScoreLaunch.Scored> scored) {
        double[] totals = totals(scored);
        boolean any = totals.length > 0;
        return new Output(scored.size(), scored.size() - totals.length, any ? mean(totals) : null, any ? deviation(totals) : null,
                scored.stream().map(RewardScoreCommand::line).toList());
    }

    private String text(List<ScoreLaunch.Scored> scored) {
        List<String> parts = List.copyOf(caption(scored.getFirst()).components().keySet());
        int id = Math.clamp(scored.stream().mapToInt(s -> s.line().sample().id().length()).max().orElseThrow(), 2, 40);
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%-" + id + "s %5s %7s", "id", "index", "reward"));
        parts.forEach(part -> text.append(String.format(Locale.ROOT, " %7s", part)));
        text.append("  caption\n");
        for (ScoreLaunch.Scored s : scored.subList(0, Math.min(rows, scored.size()))) {
            ScoredCaption c = caption(s);
            text.append(String.format(Locale.ROOT, "%-" + id + "s %5d %7s", s.line().sample().id(), s.line().index(), number(c.total())));
            parts.forEach(part -> text.append(String.format(Locale.ROOT, " %" + Math.max(7, part.length()) + "s",
                    number(c.components().get(part).value()))));
            String caption = s.line().text().replaceAll("\\s+", " ");
            boolean fits = caption.length() <= CAPTION_WIDTH;
            text.append("  ").append(fits ? caption : caption.substring(0, CAPTION_WIDTH - 1) + "…").append('\n');
        }
        if (scored.size() > rows) {
            text.append("… ").append(scored.size() - rows).append(" more; --rows, --out and --json show them\n");
        }
        double[] totals = totals(scored);
        text.append(String.format(Locale.ROOT, "%n%,d captions, reward %s, standard deviation %s%n", scored.size(), number(mean(totals)),
                number(deviation(totals))));
        scored.stream().map(s -> caption(s).unscored()).flatMap(Optional::stream).findFirst().ifPresent(why -> text.append(
                String.format(Locale.ROOT, "%,d could not be scored, the first because %s%n", scored.size() - totals.length, why)));
        return text.toString();
    }

    private static String number(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.3f", value);
    }
}
