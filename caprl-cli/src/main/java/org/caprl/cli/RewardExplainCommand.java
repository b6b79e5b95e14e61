package org.caprl.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.reward.Score;
import org.caprl.reward.ScoredCaption;
import org.caprl.reward.qa.AnswersOf;
import org.caprl.reward.qa.MarkedQuestion;
import org.caprl.reward.qa.PosedQuestion;
import org.caprl.reward.qa.WeighedQuestion;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.launch.CaptionFile;
import org.caprl.trainer.launch.ScoreLaunch;
import org.caprl.trainer.state.SampleWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code caprl reward explain}: how a caption got its reward. */
@Command(name = "explain", description = "Shows for one caption each question, its shuffled options, the answer and the mark.",
        sortOptions = false, optionListHeading = "%nOptions:%n", parameterListHeading = "%nParameters:%n", footerHeading = "%nExamples:%n",
        footer = {"  caprl reward explain --config run.yaml step-60.jsonl --id ID --index 3",
            "  caprl reward explain --answerer DIR --data eval.jsonl captions.jsonl"})
final class RewardExplainCommand implements Runnable {
    @Parameters(paramLabel = "FILE", description = "Captions, JSONL as for `caprl reward score`.")
    private Path captions;

    @Option(names = "--id", paramLabel = "ID", description = "Of the sample (default: that of the first line).")
    private String id;

    @Option(names = "--index", paramLabel = "I",
            description = "Of the caption among those of its sample (default: the first line of the id).")
    private Integer index;

    @Mixin
    private RewardOptions options;

    @Option(names = "--json", description = "JSON on standard output, in the form of a run's samples.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        Optional<RunConfig> config = options.config();
        PrintWriter err = spec.commandLine().getErr();
        ScoreLaunch.Scored scored = config.isPresent()
                ? ScoreLaunch.one(config.get(), captions, options.data(), this::chosen, line -> print(err, line))
                : ScoreLaunch.one(options.plain(), captions, options.data(), this::chosen, line -> print(err, line));
        PrintWriter out = spec.commandLine().getOut();
        out.print(json ? JsonOutput.of(SampleWriter.line(scored.line().step(), scored.line().index(), scored.group(), 0)) : text(scored));
        out.flush();
    }

    private static void print(PrintWriter err, String line) {
        err.println(line);
        err.flush();
    }

    private CaptionFile.Line chosen(List<CaptionFile.Line> lines) {
        String wanted = id == null ? lines.getFirst().sample().id() : id;
        return lines.stream().filter(line -> line.sample().id().equals(wanted)).filter(line -> index == null || line.index() == index)
                .findFirst().orElseThrow(() -> new InputException(captions + " has no line with the id '" + wanted + "'"
                + (index == null ? "" : " and the index " + index) + "; correct --id" + (index == null ? "" : " or --index")));
    }

    private static String text(ScoreLaunch.Scored scored) {
        ScoredCaption caption = scored.group().captions().getFirst();
        StringBuilder text = new StringBuilder(scored.line().sample().id() + ", caption " + scored.line().index() + "\n"
                + scored.line().text().strip() + "\n");
        caption.components().forEach((part, score) -> {
            score.details().forEach(detail -> detail(text, detail));
            text.append(String.format(Locale.ROOT, "%n%-8s %s%n", part, value(score)));
        });
        text.append(String.format(Locale.ROOT, "%-8s %s%n", "reward", caption.unscored().map(why -> "none: " + why)
                .orElseGet(() -> String.format(Locale.ROOT, "%.4f", caption.total()))));
        return text.toString();
    }

    private static String value(Score score) {
        return score.unscored().map(why -> "none: " + why).orElseGet(() -> String.format(Locale.ROOT, "%.4f", score.value()));
    }

    private static void detail(StringBuilder text, Record detail) {
        switch (detail) {
            case AnswersOf several -> {
                text.append(String.format(Locale.ROOT, "%n%s: %.4f%n", several.answerer(), several.value()));
                several.questions().forEach(question -> detail(text, question));
            }
            case MarkedQuestion q -> {
                options(text, q.question(), q.options(), q.right(), q.chosen(), Map.of());
                boolean refused = q.chosen().equals(String.valueOf(PosedQuestion.REFUSAL_LETTER));
                text.append("   answer '").append(q.answer().replaceAll("\\s+", " ")).append("': ")
                        .append(q.chosen().isEmpty() ? "no letter"
                                : q.chosen() + (q.correct() ? ", right" : refused ? ", refused" : ", wrong")).append('\n');
            }
            case WeighedQuestion q -> {
                options(text, q.question(), q.options(), q.right(), "", q.probabilities());
                text.append(String.format(Locale.ROOT, "   worth %.4f%n", q.credit()));
            }
            default -> text.append("\n   ").append(detail).append('\n');
        }
    }

    /** An arrow points at what was chosen, a tick stands behind what is right. */
    private static void options(StringBuilder text, String question, List<String> options, String right, String chosen,
            Map<String, Double> probabilities) {
        text.append('\n').append(question).append('\n');
        for (int i = 0; i < options.size(); i++) {
            option(text, String.valueOf((char) ('A' + i)), options.get(i), right, chosen, probabilities);
        }
        option(text, String.valueOf(PosedQuestion.REFUSAL_LETTER), PosedQuestion.REFUSAL, right, chosen, probabilities);
    }

    private static void option(StringBuilder text, String letter, String option, String right, String chosen,
            Map<String, Double> probabilities) {
        text.append(letter.equals(chosen) ? " > " : "   ");
        if (probabilities.containsKey(letter)) {
            text.append(String.format(Locale.ROOT, "%.3f ", probabilities.get(letter)));
        }
        text.append(letter).append(") ").append(option).append(letter.equals(right) ? " ✓" : "").append('\n');
    }
}
