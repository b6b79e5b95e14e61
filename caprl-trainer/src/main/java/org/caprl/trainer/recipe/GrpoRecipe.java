package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.RunStoppedException;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.load.Processor;
import org.caprl.core.random.CounterRandom;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.ScoredCaption;
import org.caprl.reward.ScoredGroup;
import org.caprl.reward.WeightedRewards;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;
import org.caprl.trainer.advantage.GroupAdvantages;
import org.caprl.trainer.update.GroupUpdate;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;
import org.caprl.trainer.update.UpdateReport;

/**
 * A step of group relative policy optimisation (arXiv 2402.03300) with the CapRL reward (arXiv 2509.22647): read prompts, caption, score,
 * advantages, update, publish the weights, report. Where captions are written and scored is the affair of the parts.
 */
public final class GrpoRecipe {
    private static final long SHUFFLE = CounterRandom.hash("shuffled rewards");

    private final ImageRows rows;
    private final Processor processor;
    private final CaptionEngine engine;
    private final WeightedRewards rewards;
    private final GroupAdvantages advantages;
    private final GroupUpdate update;
    private final SampleSink sink;
    private final Settings settings;

    /** Takes the captions of a step with their scores. */
    public interface SampleSink {
        /** Groups and scores are in the same order. */
        void write(int step, List<RolloutGroup> groups, List<ScoredGroup> scored);
    }

    /**
     * What is not a part.
     *
     * @param seed of the run
     * @param promptsPerStep images of a step
     * @param captionsPerPrompt G
     * @param sampling of captions
     * @param maskTruncated captions that were cut off count as captions, their tokens do not
     * @param maxUnscoredShare the run stops when more than this share of a step's captions has no reward
     * @param shuffleRewards control run: rewards are shuffled among all captions of the step
     */
    public record Settings(long seed, int promptsPerStep, int captionsPerPrompt, SamplingParams sampling, boolean maskTruncated,
            double maxUnscoredShare, boolean shuffleRewards) {
    }

    /** The recipe over these parts. */
    public GrpoRecipe(ImageRows rows, Processor processor, CaptionEngine engine, WeightedRewards rewards, GroupAdvantages advantages,
            GroupUpdate update, SampleSink sink, Settings settings) {
        this.rows = rows;
        this.processor = processor;
        this.engine = engine;
        this.rewards = rewards;
        this.advantages = advantages;
        this.update = update;
        this.sink = sink;
        this.settings = settings;
    }

    /**
     * One step; its number keys every random draw, so a repeated step gives the same captions and rewards.
     *
     * @param step from 1
     */
    public StepMetrics.Builder step(int step) {
        StepMetrics.Builder metrics = StepMetrics.at(step);
        List<CaptionSample> batch = new ArrayList<>();
        List<CaptionRequest> requests = metrics.timed("data", () -> read(step, batch));
        GenerationCounts before = engine.counts();
        List<RolloutGroup> rollouts = metrics.timed("rollout",
                () -> engine.caption(requests, settings.sampling(), GenerationListener.NONE));
        List<ScoredGroup> scored = metrics.timed("reward", () -> rewards.score(toScore(step, batch, rollouts)));
        List<TrainingGroup> groups = training(step, rollouts, scored);
        UpdateReport report = metrics.timed("update", () -> update.step(groups));
        metrics.timed("publish", () -> engine.install(step));
        metrics.timed("samples", () -> sink.write(step, rollouts, scored));
        report(metrics, rollouts, scored, scored.size() - groups.size(), report, engine.counts().minus(before));
        return metrics;
    }

    private List<CaptionRequest> read(int step, List<CaptionSample> batch) {
        List<CaptionRequest> requests = new ArrayList<>();
        for (int i = 0; i < settings.promptsPerStep(); i++) {
            ImageRows.Row row = rows.next();
            batch.add(row.sample());
            requests.add(CaptionRequest.of(CaptionRows.prompt(row, processor), settings.captionsPerPrompt(), settings.seed(), step));
        }
        return requests;
    }

    private List<GroupToScore> toScore(int step, List<CaptionSample> batch, List<RolloutGroup> rollouts) {
        List<GroupToScore> groups = new ArrayList<>();
        for (int g = 0; g < batch.size(); g++) {
            List<GroupToScore.CaptionText> texts = rollouts.get(g).captions().stream()
                    .map(c -> new GroupToScore.CaptionText(processor.tokenizer().decode(c.ids(), true), c.length())).toList();
            groups.add(new GroupToScore(batch.get(g), texts, GroupToScore.key(settings.seed(), step, batch.get(g).id())));
        }
        return groups;
    }

    /** Groups of which every caption is scored, with their advantages. */
    private List<TrainingGroup> training(int step, List<RolloutGroup> rollouts, List<ScoredGroup> scored) {
        int unscored = scored.stream().mapToInt(ScoredGroup::unscored).sum();
        int captions = scored.stream().mapToInt(g -> g.captions().size()).sum();
        if (unscored > settings.maxUnscoredShare() * captions) {
            String reason = scored.stream().flatMap(g -> g.captions().stream()).flatMap(c -> c.unscored().stream()).findFirst().orElse("");
            throw new RunStoppedException("step " + step + ": " + unscored + " of " + captions + " captions could not be scored, more than "
                    + "reward.max_unscored_share = " + settings.maxUnscoredShare() + " allows; the first because " + reason);
        }
        List<Integer> kept = new ArrayList<>();
        for (int g = 0; g < scored.size(); g++) {
            if (scored.get(g).unscored() == 0) {
                kept.add(g);
            }
        }
        float[][] totals = kept.stream().map(g -> scored.get(g).totals()).toArray(float[][]::new);
        float[][] advantage = advantages.of(settings.shuffleRewards() ? shuffled(step, totals) : totals);
        List<TrainingGroup> groups = new ArrayList<>();
        for (int k = 0; k < kept.size(); k++) {
            RolloutGroup rollout = rollouts.get(kept.get(k));
            if (rollout.weightVersion() != engine.weightVersion()) {
                throw new IllegalStateException("captions of weight version " + rollout.weightVersion() + " in a step of version "
                        + engine.weightVersion());
            }
            List<TrainingCaption> members = new ArrayList<>();
            for (int i = 0; i < rollout.size(); i++) {
                Caption c = rollout.captions().get(i);
                members.add(new TrainingCaption(c.ids(), c.temperedLogProbs(), advantage[k][i],
                        settings.maskTruncated() && !c.finished()));
            }
            groups.add(new TrainingGroup(rollout.prompt(), members));
        }
        return groups;
    }

    private float[][] shuffled(int step, float[][] totals) {
        int captions = settings.captionsPerPrompt();
        int[] order = CounterRandom.permutation(CounterRandom.key(settings.seed(), SHUFFLE, step), totals.length * captions);
        float[][] mixed = new float[totals.length][captions];
        for (int i = 0; i < order.length; i++) {
            mixed[i / captions][i % captions] = totals[order[i] / captions][order[i] % captions];
        }
        return mixed;
    }

    private static void report(StepMetrics.Builder metrics, List<RolloutGroup> rollouts, List<ScoredGroup> scored, int dropped,
            UpdateReport report, GenerationCounts counts) {
        List<ScoredCaption> captions = scored.stream().flatMap(g -> g.captions().stream()).filter(c -> c.unscored().isEmpty()).toList();
        double mean = captions.stream().mapToDouble(ScoredCaption::total).average().orElse(Double.NaN);
        double variance = captions.stream().mapToDouble(c -> Math.pow(c.total() - mean, 2)).average().orElse(Double.NaN);
        metrics.put(MetricKey.REWARD_MEAN, mean).put(MetricKey.REWARD_STD, Math.sqrt(variance));
        captions.stream().findFirst().ifPresent(first -> first.components().keySet().forEach(part -> component(metrics, part, captions)));
        long tokens = rollouts.stream().mapToLong(RolloutGroup::captionTokens).sum();
        long written = rollouts.stream().mapToLong(RolloutGroup::size).sum();
        long finished = rollouts.stream().flatMap(g -> g.captions().stream()).filter(Caption::finished).count();
        metrics.put(MetricKey.LOSS_TOTAL, report.loss()).put(MetricKey.LOSS_KL, report.kl())
                .put(MetricKey.LOSS_CLIP_SHARE, report.clipShare()).put(MetricKey.POLICY_ENTROPY, report.entropy())
                .put(MetricKey.POLICY_GRAD_NORM, report.gradNorm()).put(MetricKey.POLICY_LR, report.lr())
                .put(MetricKey.LOGPROB_GAP_MAX, report.gapMax()).put(MetricKey.LOGPROB_GAP_MEAN, report.gapMean())
                .put(MetricKey.CAPTION_TOKENS_MEAN, tokens / (double) written)
                .put(MetricKey.CAPTION_FINISHED_SHARE, finished / (double) written).put(MetricKey.GROUP_DROPPED, dropped)
                .put(MetricKey.COUNT_PREFILL_TOKENS, counts.prefilledTokens()).put(MetricKey.COUNT_IMAGE_ENCODES, counts.imageEncodes())
                .put(MetricKey.COUNT_DECODE_STEPS, counts.decodeSteps())
                .put(MetricKey.COUNT_UNMATCHED_QUESTIONS, scored.stream().flatMap(g -> g.sample().questions().stream())
                        .filter(q -> !q.matched()).count());
        double seconds = metrics.build().get(MetricKey.time("rollout")).orElse(Double.NaN);
        metrics.put(MetricKey.speed("new_tokens"), tokens / seconds);
    }

    /** A part of weight 0 may have no value. */
    private static void component(StepMetrics.Builder metrics, String part, List<ScoredCaption> captions) {
        captions.stream().mapToDouble(c -> c.components().get(part).value()).filter(value -> !Double.isNaN(value)).average()
                .ifPresent(value -> metrics.put(MetricKey.reward(part), value));
    }
}
