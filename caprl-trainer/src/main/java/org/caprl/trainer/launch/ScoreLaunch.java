package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.file.UnseenSamples;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.text.BpeTokenizer;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.ScoredGroup;
import org.caprl.reward.WeightedRewards;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.qa.Marking;
import org.caprl.reward.qa.QaReward;
import org.caprl.reward.qa.QuestionPaper;
import org.caprl.trainer.config.RunConfig;

/** Scores given captions as a run does. */
public final class ScoreLaunch {
    private static final int ROWS = 64;
    private static final int QUESTION_TOKENS = 256;
    private static final int TEXT_TOKENS = 4096;
    private static final int FEWEST = 4;
    private static final int AT_ONCE = 32;

    private ScoreLaunch() {
    }

    /**
     * The question-answering reward alone, without a configuration.
     *
     * @param answerer folder
     * @param dtype of its weights in memory
     * @param template as {@code answerer.template}
     * @param paper how questions are drawn
     * @param marking how answers are marked
     * @param wrongPenalty of wrong answers
     * @param temperature of answers
     * @param maxTokens of an answer
     * @param seed of draws and answers
     * @param backend that computes
     * @param threads of it
     */
    public record Plain(Path answerer, WeightType dtype, String template, QuestionPaper paper, Marking marking, double wrongPenalty,
            double temperature, int maxTokens, long seed, String backend, int threads) {
    }

    /** A caption with its reward. */
    public record Scored(CaptionFile.Line line, ScoredGroup group) {
    }

    /** Picks one caption of a file. */
    public interface Choice {
        /** One of them. @throws InputException if it is not there */
        CaptionFile.Line of(List<CaptionFile.Line> lines);
    }

    /** Hears how many captions are scored. */
    public interface Listener {
        /** So many of all. */
        void scored(long done, long total);
    }

    /**
     * Scores by the question-answering reward.
     *
     * @param data questions by sample, for lines without; empty for none
     */
    public static List<Scored> run(Plain plain, Path captions, Optional<Path> data, Consumer<String> log, Listener listener) {
        return run(plain, CaptionFile.read(captions, samples(data)), log, listener);
    }

    /**
     * Scores by all rewards of a run's configuration.
     *
     * @param data questions by sample, for lines without; empty for the configuration's data
     */
    public static List<Scored> run(RunConfig config, Path captions, Optional<Path> data, Consumer<String> log, Listener listener) {
        return run(config, CaptionFile.read(captions, samples(config, data, log)), log, listener);
    }

    /** Scores one of the captions, as {@link #run(Plain, Path, Optional, Consumer, Listener)} does. */
    public static Scored one(Plain plain, Path captions, Optional<Path> data, Choice chosen, Consumer<String> log) {
        CaptionFile.Line line = chosen.of(CaptionFile.read(captions, samples(data)));
        return run(plain, List.of(line), log, (done, total) -> { }).getFirst();
    }

    /** Scores one of the captions, as {@link #run(RunConfig, Path, Optional, Consumer, Listener)} does. */
    public static Scored one(RunConfig config, Path captions, Optional<Path> data, Choice chosen, Consumer<String> log) {
        CaptionFile.Line line = chosen.of(CaptionFile.read(captions, samples(config, data, log)));
        return run(config, List.of(line), log, (done, total) -> { }).getFirst();
    }

    private static Map<String, CaptionSample> samples(Optional<Path> data) {
        return data.map(UnseenSamples::read).orElse(Map.of());
    }

    private static Map<String, CaptionSample> samples(RunConfig config, Optional<Path> data, Consumer<String> log) {
        if (data.isPresent()) {
            return samples(data);
        }
        DataFiles.ensure(config, log);
        Map<String, CaptionSample> samples = UnseenSamples.read(config.data().train());
        config.data().eval().ifPresent(file -> UnseenSamples.read(file).forEach(samples::putIfAbsent));
        return samples;
    }

    private static List<Scored> run(Plain plain, List<CaptionFile.Line> lines, Consumer<String> log, Listener listener) {
        Backends.Choice started = Backends.open(plain.backend(), plain.threads());
        log.accept(started.reason());
        try (TensorOps ops = started.ops();
                LoadedModel frozen = LoadedModel.load(plain.answerer(), ops, plain.dtype());
                LocalAnswerer answerer = new LocalAnswerer(frozen.model(), ops, frozen.processor(), AnswererPrompt.named(plain.template()),
                        plain.temperature(), plain.maxTokens(), limits(frozen, plain.maxTokens()))) {
            QaReward reward = new QaReward(plain.paper(), plain.marking(), plain.wrongPenalty(),
                    List.of(new QaReward.Named("answerer", answerer)));
            return score(new WeightedRewards(List.of(new WeightedRewards.Part(reward, 1))), lines, plain.seed(), null, listener);
        }
    }

    private static List<Scored> run(RunConfig config, List<CaptionFile.Line> lines, Consumer<String> log, Listener listener) {
        AnswererCheck.run(config, log);
        Backends.Choice started = Backends.open(config.backend(), config.threads());
        log.accept(started.reason());
        try (TensorOps ops = started.ops();
                RewardParts parts = RewardParts.open(config, ops);
                BpeTokenizer tokenizer = BpeTokenizer.load(Models.base(config.policy().path()))) {
            return score(parts.rewards(), lines, config.seed(), tokenizer, listener);
        }
    }

    private static GeneratorLimits limits(LoadedModel frozen, int maxTokens) {
        int most = frozen.model().shape().maxPositions();
        return GeneratorLimits.roomFor(ROWS, FEWEST, Math.min(most, TEXT_TOKENS), Math.min(most, QUESTION_TOKENS) + maxTokens,
                LocalAnswerer.PREFILL_TOKENS, "the answerer's cache");
    }

    /** @param tokenizer counts tokens where a line does not say them; null where no reward asks for them */
    private static List<Scored> score(WeightedRewards rewards, List<CaptionFile.Line> lines, long seed, BpeTokenizer tokenizer,
            Listener listener) {
        List<Scored> scored = new ArrayList<>();
        for (int from = 0; from < lines.size(); from += AT_ONCE) {
            List<CaptionFile.Line> some = lines.subList(from, Math.min(lines.size(), from + AT_ONCE));
            List<ScoredGroup> groups = rewards.score(some.stream().map(line -> new GroupToScore(line.sample(),
                    List.of(new GroupToScore.CaptionText(line.text(), tokens(line, tokenizer))),
                    GroupToScore.key(seed, line.step(), line.sample().id()), line.index())).toList());
            for (int i = 0; i < some.size(); i++) {
                scored.add(new Scored(some.get(i), groups.get(i)));
            }
            listener.scored(scored.size(), lines.size());
        }
        return scored;
    }

    private static int tokens(CaptionFile.Line line, BpeTokenizer tokenizer) {
        return line.tokens().orElseGet(() -> tokenizer == null ? 0 : tokenizer.encode(line.text()).length);
    }
}
