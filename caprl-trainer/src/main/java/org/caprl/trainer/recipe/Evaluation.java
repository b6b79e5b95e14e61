package org.caprl.trainer.recipe;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.data.CaptionSample;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.data.synth.FactScore;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.reward.qa.LetterReader;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;

/**
 * What held-out images say of a policy: one greedy caption an image, each of its questions once, the answerer's most probable letter
 * (refusal counts as wrong); and, where the truth is known, which stated facts are true.
 */
public final class Evaluation {
    private final List<CaptionSample> samples;
    private final List<Prompt> prompts;
    private final Processor processor;
    private final LetterReader answerer;
    private final int maxNewTokens;

    /**
     * One image.
     *
     * @param id the sample's
     * @param caption what the policy wrote
     * @param right share of questions answered rightly
     * @param facts stated facts against the truth; {@link FactScore#ZERO} where none is known
     */
    public record Row(String id, String caption, double right, FactScore facts) {
    }

    /**
     * All images.
     *
     * @param rows one an image, in order
     * @param qaAccuracy right answers over questions
     * @param facts over all images
     * @param finished share of captions that ended by themselves
     */
    public record Report(List<Row> rows, double qaAccuracy, FactScore facts, double finished) {
    }

    /** An evaluation over these rows. */
    public Evaluation(List<ImageRows.Row> rows, Processor processor, LetterReader answerer, int maxNewTokens) {
        this.samples = rows.stream().map(ImageRows.Row::sample).toList();
        this.prompts = rows.stream().map(row -> CaptionRows.prompt(row, processor)).toList();
        this.processor = processor;
        this.answerer = answerer;
        this.maxNewTokens = maxNewTokens;
    }

    /** The samples. */
    public List<CaptionSample> samples() {
        return samples;
    }

    /** Tokens of the longest prompt. */
    public int longestPrompt() {
        return prompts.stream().mapToInt(p -> p.ids().length).max().orElse(0);
    }

    /** Captions all images with the engine's weights and scores them. */
    public Report run(CaptionEngine engine) {
        return run(engine, GenerationListener.NONE);
    }

    /** The same, watched: what the listener throws ends it. */
    public Report run(CaptionEngine engine, GenerationListener listener) {
        SamplingParams greedy = SamplingParams.greedy(maxNewTokens, processor.eosTokenIds());
        List<CaptionRequest> requests = prompts.stream().map(p -> new CaptionRequest(p, new long[1])).toList();
        List<RolloutGroup> groups = engine.caption(requests, greedy, listener);
        List<String> captions = new ArrayList<>();
        int finished = 0;
        for (RolloutGroup group : groups) {
            captions.add(processor.tokenizer().decode(group.captions().getFirst().ids(), true));
            finished += group.captions().getFirst().finished() ? 1 : 0;
        }
        return new CaptionScores(samples, answerer).of(captions, finished / (double) groups.size());
    }
}
