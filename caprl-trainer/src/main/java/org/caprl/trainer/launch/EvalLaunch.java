package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.file.FileSource;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LetterReader;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.remote.RemoteAnswerer;
import org.caprl.reward.server.RemoteReward;
import org.caprl.rollout.local.LocalCaptionEngine;
import org.caprl.trainer.config.OneAnswererSection;
import org.caprl.trainer.config.RolloutSection;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.recipe.CaptionScores;
import org.caprl.trainer.recipe.Evaluation;
import org.caprl.trainer.recipe.Guessing;
import org.caprl.trainer.recipe.ImageRows;

/**
 * The evaluation of a configuration by itself.
 *
 * @param config models and data
 * @param captions file of captions to score in place of the policy's
 * @param guessing whether to measure too how well the questions are answered without a caption
 */
public record EvalLaunch(RunConfig config, Optional<Path> captions, boolean guessing) {
    /** What was measured. */
    public record Result(Evaluation.Report report, Optional<Guessing> guessing) {
    }

    /** Measures. @param log takes lines for the user */
    public Result run(Consumer<String> log) {
        AnswererCheck.run(config, log);
        Optional<OneAnswererSection> asked = config.answerers().stream().findFirst();
        DataFiles.ensure(config, log);
        List<ImageRows.Row> rows = rows(log);
        List<CaptionSample> samples = rows.stream().map(ImageRows.Row::sample).toList();
        Optional<List<String>> given = captions.map(file -> GivenCaptions.read(file, samples));
        Backends.Choice choice = Backends.open(config.backend(), config.threads());
        log.accept(choice.reason());
        try (TensorOps ops = choice.ops();
                LoadedModel frozen = asked.flatMap(OneAnswererSection::path)
                        .map(path -> LoadedModel.load(path, ops, asked.get().dtype())).orElse(null);
                LocalAnswerer local = frozen == null ? null : Generators.answerer(frozen, ops, asked.get().template());
                RemoteAnswerer remote = asked.flatMap(OneAnswererSection::remote).map(section -> section.open(
                        AnswererPrompt.named(asked.get().template()), config.reward(), System.getenv())).orElse(null);
                RemoteReward server = config.reward().server().map(s -> s.open(config.reward(), System.getenv())).orElse(null)) {
            LetterReader answerer = Stream.of(server, remote, local).filter(Objects::nonNull).findFirst().orElseThrow();
            Evaluation.Report report = given.isPresent() ? new CaptionScores(samples, answerer).of(given.get(), 1)
                    : written(ops, rows, answerer);
            return new Result(report, guessing
                    ? Optional.of(Guessing.of(answerer, samples.stream().map(CaptionScores::paper).toList())) : Optional.empty());
        }
    }

    private Evaluation.Report written(TensorOps ops, List<ImageRows.Row> rows, LetterReader answerer) {
        RolloutSection rollout = config.rollout();
        try (LoadedModel policy = LoadedModel.load(config.policy().path(), ops, config.policy().dtype())) {
            Generators.requireVision(policy.processor(), "policy.path", policy.folder());
            Evaluation evaluation = new Evaluation(rows, policy.processor(), answerer, rollout.maxNewTokens());
            try (LocalCaptionEngine engine = new LocalCaptionEngine(policy.model(), ops, policy.processor()::text,
                    Generators.captions(Math.min(rollout.maxRows(), rows.size()), 1, evaluation.longestPrompt(),
                            rollout.maxNewTokens(), rollout.kvRows()))) {
                return evaluation.run(engine);
            }
        }
    }

    /** Rows whose images can't be used are none for given captions either: both measure the same. */
    private List<ImageRows.Row> rows(Consumer<String> log) {
        try (FileSource held = DataFiles.openHeld(config)) {
            if (held.skipped() > 0) {
                log.accept("left out " + held.skipped() + " rows, the first: " + held.firstSkipped());
            }
            ImageRows images = new ImageRows(held, config.data().badRows());
            List<ImageRows.Row> rows = images.first(config.eval().images());
            images.takeSkipped().forEach(log);
            return rows;
        }
    }
}
