package org.caprl.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.caprl.core.InputException;
import org.caprl.core.config.ConfigReader;
import org.caprl.reward.qa.Marking;
import org.caprl.reward.qa.ProbabilityMarking;
import org.caprl.reward.qa.QuestionPaper;
import org.caprl.reward.qa.SampledMarking;
import org.caprl.reward.qa.Unmatched;
import org.caprl.trainer.config.MarkingKind;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.launch.ScoreLaunch;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How {@code caprl reward} scores: an answerer with options, or a run's configuration. */
final class RewardOptions {
    private static final String ALL = "all";

    @Option(names = "--answerer", paramLabel = "DIR", description = "The frozen language model, a Hugging Face folder.")
    private Path answerer;

    @Option(names = "--config", paramLabel = "CONFIG",
            description = "In place of --answerer: all rewards, answerers, the seed and the data of this file of `caprl train`.")
    private Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Replaces a value of --config; may be repeated.")
    private List<String> overrides = List.of();

    @Option(names = "--data", paramLabel = "FILE", description = "Questions by id: Parquet or JSONL, or a quoted glob. Images are not "
            + "looked at. Not needed where lines bring their questions.")
    private Path data;

    @Option(names = "--template", paramLabel = "NAME", defaultValue = "default",
            description = "What the answerer is told: default, short, or a text file (default: default).")
    private String template;

    @Option(names = "--questions", paramLabel = "N", defaultValue = "8",
            description = "Questions a caption, drawn with replacement; all: each once (default: 8).")
    private String questions;

    @Option(names = "--temperature", paramLabel = "T", defaultValue = "0.6", description = "Of the answers (default: 0.6).")
    private double temperature;

    @Option(names = "--max-tokens", paramLabel = "N", defaultValue = "10", description = "Most tokens of an answer (default: 10).")
    private int maxTokens;

    @Option(names = "--seed", paramLabel = "S", defaultValue = "0", description = "Of draws, shuffles and answers (default: 0).")
    private long seed;

    @Option(names = "--marking", paramLabel = "HOW", defaultValue = "answer",
            description = "answer, the default, or probability of the right letter.")
    private MarkingKind marking;

    @Option(names = "--wrong-penalty", paramLabel = "X", defaultValue = "0",
            description = "What a share of wrong answers costs (default: 0).")
    private double wrongPenalty;

    @Option(names = "--unmatched", paramLabel = "WHAT", defaultValue = "keep",
            description = "Questions whose right answer is not among their options: keep, the default, or drop.")
    private Unmatched unmatched;

    @Mixin
    private BackendOptions computes;

    Optional<Path> data() {
        return Optional.ofNullable(data);
    }

    /** The configuration, if one was given. @throws InputException unless there is exactly one of answerer and configuration */
    Optional<RunConfig> config() {
        if ((answerer == null) == (config == null)) {
            throw new InputException("give exactly one of --answerer DIR and --config CONFIG");
        }
        if (config == null && !overrides.isEmpty()) {
            throw new InputException("--set replaces values of --config, which is not given");
        }
        return Optional.ofNullable(config).map(file -> ConfigReader.read(RunConfig.class, file, overrides));
    }

    /** What was given in place of a configuration. @throws InputException for a value out of range */
    ScoreLaunch.Plain plain() {
        require(temperature >= 0 && Double.isFinite(temperature), "--temperature is " + temperature + "; give 0 or more");
        require(maxTokens >= 1, "--max-tokens is " + maxTokens + "; give at least 1");
        require(wrongPenalty >= 0 && Double.isFinite(wrongPenalty), "--wrong-penalty is " + wrongPenalty + "; give 0 or more");
        Marking marks = marking == MarkingKind.ANSWER ? new SampledMarking() : new ProbabilityMarking(temperature);
        return new ScoreLaunch.Plain(answerer, computes.dtype(), template, new QuestionPaper(count(), unmatched), marks, wrongPenalty,
                temperature, maxTokens, seed, computes.backend(), computes.threads());
    }

    private int count() {
        boolean number = questions.matches("[1-9]\\d{0,5}");
        require(number || questions.equals(ALL), "--questions is '" + questions + "'; give a whole number from 1 on, or " + ALL);
        return number ? Integer.parseInt(questions) : 0;
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new InputException(message);
        }
    }
}
