package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.Cursor;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.model.load.Processor;
import org.caprl.reward.GroupToScore;
import org.caprl.reward.ScoredGroup;
import org.caprl.reward.WeightedRewards;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;

/** The pieces of a step's first half: reading prompts, captioning, scoring. The order is that of {@link Rollouts}. */
public final class RolloutWork {

    private final ImageRows rows;
    private final Processor processor;
    private final CaptionEngine engine;
    private final WeightedRewards rewards;
    private final Settings settings;

    /**
     * What is not a part.
     *
     * @param seed of the run
     * @param promptsPerStep images of a step
     * @param captionsPerPrompt G
     * @param sampling of captions
     * @param pausesAfter whether nothing of later steps may have begun when this step ends
     * @param stopping whether the run is to end: then captions and scores end with a {@link StepDroppedException}; asked by any thread
     */
    public record Settings(long seed, int promptsPerStep, int captionsPerPrompt, SamplingParams sampling, IntPredicate pausesAfter,
            BooleanSupplier stopping) {
    }

    /**
     * The prompts of a step.
     *
     * @param before where the samples stood before they were read
     */
    record Prompts(int step, List<CaptionSample> samples, List<CaptionRequest> requests, Cursor before) {
    }

    /** Captions, what they cost, and how many seconds. */
    record Captioned(List<RolloutGroup> groups, GenerationCounts counts, double seconds) {
        ScoredRollouts scored(List<ScoredGroup> scores, long weightVersion) {
            return new ScoredRollouts(groups, scores, weightVersion, counts, seconds);
        }
    }

    /** Work of these parts. */
    public RolloutWork(ImageRows rows, Processor processor, CaptionEngine engine, WeightedRewards rewards, Settings settings) {
        this.rows = rows;
        this.processor = processor;
        this.engine = engine;
        this.rewards = rewards;
        this.settings = settings;
    }

    Prompts read(int step) {
        Cursor before = rows.cursor();
        List<CaptionSample> samples = new ArrayList<>();
        List<CaptionRequest> requests = new ArrayList<>();
        for (int i = 0; i < settings.promptsPerStep(); i++) {
            ImageRows.Row row = rows.next();
            samples.add(row.sample());
            requests.add(CaptionRequest.of(CaptionRows.prompt(row, processor), settings.captionsPerPrompt(), settings.seed(), step));
        }
        return new Prompts(step, samples, requests, before);
    }

    Captioned caption(Prompts prompts, GenerationListener listener) {
        GenerationCounts before = engine.counts();
        long start = System.nanoTime();
        List<RolloutGroup> groups = engine.caption(prompts.requests(), settings.sampling(), new GenerationListener() {
            @Override
            public void progressed(int finished, int total, long sampledTokens) {
                dropIfStopping();
                listener.progressed(finished, total, sampledTokens);
            }

            @Override
            public void completed(int request, List<Caption> captions) {
                listener.completed(request, captions);
            }

            @Override
            public boolean wantsEach() {
                return listener.wantsEach();
            }
        });
        return new Captioned(groups, engine.counts().minus(before), (System.nanoTime() - start) / 1e9);
    }

    /** The captions of one prompt as rewards see them. */
    GroupToScore toScore(Prompts prompts, int index, List<Caption> captions) {
        CaptionSample sample = prompts.samples().get(index);
        List<GroupToScore.CaptionText> texts = captions.stream()
                .map(c -> new GroupToScore.CaptionText(processor.tokenizer().decode(c.ids(), true), c.length())).toList();
        return new GroupToScore(sample, texts,
                GroupToScore.key(settings.seed(), prompts.step(), sample.id()));
    }

    List<ScoredGroup> score(List<GroupToScore> groups) {
        dropIfStopping();
        List<ScoredGroup> scored = rewards.score(groups);
        dropIfStopping();
        return scored;
    }

    /** Scores of all captions of a step at once. */
    List<ScoredGroup> score(Prompts prompts, List<RolloutGroup> groups) {
        return score(IntStream.range(0, groups.size()).mapToObj(g -> toScore(prompts, g, groups.get(g).captions())).toList());
    }

    private void dropIfStopping() {
        StepDroppedException.throwIf(settings.stopping().getAsBoolean());
    }

    void install(long version) {
        engine.install(version);
    }

    long weightVersion() {
        return engine.weightVersion();
    }

    Cursor cursor() {
        return rows.cursor();
    }

    boolean pausesAfter(int step) {
        return settings.pausesAfter().test(step);
    }
}
