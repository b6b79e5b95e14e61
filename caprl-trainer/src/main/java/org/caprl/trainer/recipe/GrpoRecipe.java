package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.RunStoppedException;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.random.CounterRandom;
import org.caprl.reward.ScoredCaption;
import org.caprl.reward.ScoredGroup;
import org.caprl.trainer.advantage.GroupAdvantages;
import org.caprl.trainer.update.GroupUpdate;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;
import org.caprl.trainer.update.UpdateReport;

/**
 * A step of group relative policy optimisation (arXiv 2402.03300) with the CapRL reward (arXiv 2509.22647): captions with their scores,
 * advantages, update, publish the weights, report. Where captions are written and scored is the affair of the parts, and what of it happens
 * at the same time that of the {@link Rollouts}.
 */
public final class GrpoRecipe implements AutoCloseable {
    private static final long SHUFFLE = CounterRandom.hash("shuffled rewards");

    private final Rollouts rollouts;
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
     * @param maskTruncated captions that were cut off count as captions, their tokens do not
     * @param maxUnscoredShare the run stops when more than this share of a step's captions has no reward
     * @param shuffleRewards control run: rewards are shuffled among all captions of the step
     */
    public record Settings(long seed, boolean maskTruncated, double maxUnscoredShare, boolean shuffleRewards) {
    }

    /** The recipe over these parts. */
    public GrpoRecipe(Rollouts rollouts, GroupAdvantages advantages, GroupUpdate update, SampleSink sink, Settings settings) {
        this.rollouts = rollouts;
        this.advantages = advantages;
        this.update = update;
        this.sink = sink;
        this.settings = settings;
    }

    /**
     * One step; its number keys every random draw, so a repeated step gives the same captions and rewards.
     *
     * @param step from 1
     * @throws StepDroppedException if the run is to end before the captions are scored; the weights are those before the step
     */
    public StepMetrics.Builder step(int step) {
        StepMetrics.Builder metrics = StepMetrics.at(step);
        ScoredRollouts batch = rollouts.of(step, metrics);
        List<TrainingGroup> groups = training(step, batch.groups(), batch.scored());
        UpdateReport report = metrics.timed("update", () -> update.step(groups));
        rollouts.install(step, metrics);
        metrics.timed("samples", () -> sink.write(step, batch.groups(), batch.scored()));
        report(metrics, batch, batch.scored().size() - groups.size(), report);
        return metrics;
    }

    /** Where training samples go on after the steps that were made. */
    public Cursor cursor() {
        return rollouts.cursor();
    }

    /** Ends what is written for later steps. The parts stay. */
    @Override
    public void close() {
        rollouts.close();
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
        int captions = totals.length == 0 ? 0 : totals[0].length;
        int[] order = CounterRandom.permutation(CounterRandom.key(settings.seed(), SHUFFLE, step), totals.length * captions);
        float[][] mixed = new float[totals.length][captions];
        for (int i = 0; i < order.length; i++) {
            mixed[i / captions][i % captions] = totals[order[i] / captions][order[i] % captions];
        }
        return mixed;
    }

    private static void report(StepMetrics.Builder metrics, ScoredRollouts batch, int dropped, UpdateReport report) {
        List<RolloutGroup> rollouts = batch.groups();
        GenerationCounts counts = batch.counts();
        List<ScoredCaption> captions = batch.scored().stream().flatMap(g -> g.captions().stream())
                .filter(c -> c.unscored().isEmpty()).toList();
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
                .put(MetricKey.COUNT_UNMATCHED_QUESTIONS, batch.scored().stream().flatMap(g -> g.sample().questions().stream())
                        .filter(q -> !q.matched()).count());
        metrics.put(MetricKey.speed("new_tokens"), tokens / batch.seconds());
    }

    /** A part of weight 0 may have no value. */
    private static void component(StepMetrics.Builder metrics, String part, List<ScoredCaption> captions) {
        captions.stream().mapToDouble(c -> c.components().get(part).value()).filter(value -> !Double.isNaN(value)).average()
                .ifPresent(value -> metrics.put(MetricKey.reward(part), value));
    }
}
