package org.caprl.trainer.bench;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.imageio.ImageIO;
import org.caprl.core.checkpoint.AtomicDirectory;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.data.BadRows;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.ImageOnDisk;
import org.caprl.core.data.QaItem;
import org.caprl.core.data.RowUse;
import org.caprl.core.data.file.CaptionRow;
import org.caprl.core.data.file.FileSource;
import org.caprl.core.data.file.JsonlWriter;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.image.RgbImage;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.Reward;
import org.caprl.reward.Score;
import org.caprl.reward.WeightedRewards;
import org.caprl.rollout.local.LocalCaptionEngine;
import org.caprl.trainer.advantage.GroupAdvantages;
import org.caprl.trainer.launch.LoadedModel;
import org.caprl.trainer.recipe.CaptionRows;
import org.caprl.trainer.recipe.GrpoRecipe;
import org.caprl.trainer.recipe.ImageRows;
import org.caprl.trainer.recipe.Overlap;
import org.caprl.trainer.recipe.RolloutWork;
import org.caprl.trainer.update.AdamW;

/** One {@link GrpoRecipe#step} over image files of noise. The reward costs nothing, and differs within a group: there is a gradient. */
final class GrpoStepRun implements CaseRun {
    private static final int PREFILL_TOKENS = 4096;
    private static final double EPSILON = 1e-4;
    private static final QaItem UNASKED = new QaItem("What is shown?", List.of("noise", "nothing"), 0);

    private final BenchCase wanted;
    private final LoadedModel policy;
    private final Path folder;
    private final FileSource samples;
    private final AdamW optimizer;
    private final LocalCaptionEngine engine;
    private final GrpoRecipe recipe;
    private final Lengths lengths;
    private int step;

    /** Every second caption is worth 1, the others 0. */
    private static final class EverySecond implements Reward {
        @Override
        public String name() {
            return "second";
        }

        @Override
        public List<List<Score>> score(List<GroupToScore> groups) {
            List<List<Score>> scores = new ArrayList<>();
            for (GroupToScore group : groups) {
                List<Score> ofGroup = new ArrayList<>();
                for (int i = 0; i < group.captions().size(); i++) {
                    ofGroup.add(Score.of(i % 2));
                }
                scores.add(ofGroup);
            }
            return scores;
        }
    }

    GrpoStepRun(BenchCase wanted, LoadedModel policy, TensorOps ops) {
        this.wanted = wanted;
        this.policy = policy;
        this.folder = data(wanted);
        this.samples = FileSource.open(folder.resolve("rows.jsonl"), RowUse.QUESTIONS, BadRows.FAIL, 1);
        this.optimizer = new AdamW(ops, policy.model().params(), AdamW.Settings.DEFAULT);
        ImageRows rows = new ImageRows(samples, BadRows.FAIL);
        Prompt prompt = CaptionRows.prompt(rows.first(1).getFirst(), policy.processor());
        this.lengths = new Lengths(wanted.rows(), prompt.ids().length, Updates.imageTokens(policy, prompt), wanted.newTokens());
        this.engine = new LocalCaptionEngine(policy.model(), ops, policy.processor()::text, GeneratorLimits.roomFor(wanted.rows(),
                wanted.captions(), prompt.ids().length, wanted.newTokens(), PREFILL_TOKENS, "the benchmark's cache"));
        // No token ends a caption.
        SamplingParams sampling = SamplingParams.sampling(Updates.TEMPERATURE, wanted.newTokens(), List.of());
        WeightedRewards rewards = new WeightedRewards(List.of(new WeightedRewards.Part(new EverySecond(), 1)));
        RolloutWork work = new RolloutWork(rows, policy.processor(), engine, rewards,
                new RolloutWork.Settings(1, wanted.prompts(), wanted.captions(), sampling, number -> true, () -> false));
        this.recipe = new GrpoRecipe(Overlap.NONE.of(work),
                new GroupAdvantages(GroupAdvantages.Scale.GROUP, GroupAdvantages.Std.SAMPLE, EPSILON),
                Updates.of(ops, policy, optimizer, wanted.newTokens()), (number, groups, scored) -> { },
                new GrpoRecipe.Settings(1, false, 0, false));
    }

    private static Path data(BenchCase wanted) {
        try {
            Path folder = Files.createTempDirectory("caprl-bench");
            List<JsonNode> rows = new ArrayList<>();
            for (int i = 0; i < wanted.prompts(); i++) {
                Path image = folder.resolve(i + ".png");
                writePng(RandomPrompts.noise(wanted, i), image);
                rows.add(CaptionRow.write(new CaptionSample("noise-" + i, List.of(new ImageOnDisk(image)), CaptionSample.defaultPrompt(1),
                        "noise",
                        List.of(UNASKED), Optional.empty(), List.of()), folder));
            }
            JsonlWriter.write(folder.resolve("rows.jsonl"), rows.iterator());
            return folder;
        } catch (IOException e) {
            throw DiskFailure.writing(Path.of(System.getProperty("java.io.tmpdir")), e);
        }
    }

    private static void writePng(RgbImage image, Path file) throws IOException {
        BufferedImage picture = new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < image.width() * image.height(); i++) {
            picture.setRGB(i % image.width(), i / image.width(),
                    (image.rgb()[3 * i] & 255) << 16 | (image.rgb()[3 * i + 1] & 255) << 8 | image.rgb()[3 * i + 2] & 255);
        }
        ImageIO.write(picture, "png", file.toFile());
    }

    @Override
    public void run() {
        StepMetrics metrics = recipe.step(++step).build();
        double tokens = metrics.get(MetricKey.CAPTION_TOKENS_MEAN).orElse(Double.NaN);
        double norm = metrics.get(MetricKey.POLICY_GRAD_NORM).orElse(Double.NaN);
        double prefilled = metrics.get(MetricKey.COUNT_PREFILL_TOKENS).orElse(Double.NaN);
        if (tokens != wanted.newTokens() || !(norm > 0) || prefilled != wanted.prompts() * lengths.promptTokens()) {
            throw new IllegalStateException(wanted + ": captions of " + tokens + " tokens on the average, gradient norm " + norm
                    + ", prompt tokens " + prefilled);
        }
    }

    @Override
    public Lengths lengths() {
        return lengths;
    }

    @Override
    public CausalLm model() {
        return policy.model();
    }

    @Override
    public Inputs inputs() {
        return new Inputs(null, List.of(CaptionSample.DEFAULT_PROMPT));
    }

    @Override
    public void close() {
        engine.close();
        optimizer.close();
        samples.close();
        policy.close();
        AtomicDirectory.delete(folder);
    }
}
