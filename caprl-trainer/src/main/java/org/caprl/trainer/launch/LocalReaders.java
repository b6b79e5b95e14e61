package org.caprl.trainer.launch;

import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.judge.LocalWriter;
import org.caprl.reward.judge.TextWriter;
import org.caprl.reward.qa.Answerer;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.trainer.config.JudgeSection;
import org.caprl.trainer.config.OneAnswererSection;
import org.caprl.trainer.config.RunConfig;

/** Readers in this JVM, over models that stay the caller's. */
final class LocalReaders implements Readers {
    /** Images with fewer questions are answered too, fewer at a time. */
    private static final int FEWEST_OF_ALL = 4;
    private static final int JUDGE_ROWS = 32;
    private static final int JUDGE_TEXTS = 3;
    private static final int JUDGE_INSTRUCTION = 512;

    private final RunConfig config;
    private final TensorOps ops;
    private final RewardModels models;
    private final Opened opened = new Opened();

    LocalReaders(RunConfig config, TensorOps ops, RewardModels models) {
        this.config = config;
        this.ops = ops;
        this.models = models;
    }

    @Override
    public Answerer answerer(int number, OneAnswererSection section) {
        LoadedModel frozen = models.of(section).orElseThrow();
        return opened.add(new LocalAnswerer(frozen.model(), ops, frozen.processor(), AnswererPrompt.named(section.template()),
                config.reward().answerTemperature(), config.reward().answerMaxTokens(), limits(config, frozen.model())));
    }

    @Override
    public TextWriter judge(JudgeSection section) {
        LoadedModel frozen = models.of(section);
        int longest = Math.min(frozen.model().shape().maxPositions(), JUDGE_TEXTS * config.rollout().maxNewTokens() + JUDGE_INSTRUCTION);
        return opened.add(new LocalWriter(frozen.model(), ops, frozen.processor(), section.temperature(), section.maxTokens(),
                GeneratorLimits.roomFor(Math.min(config.rollout().maxRows(), JUDGE_ROWS), 1, longest, section.maxTokens(),
                        LocalAnswerer.PREFILL_TOKENS, "rollout.max_rows")));
    }

    @Override
    public boolean rehearse() {
        return models.outlines();
    }

    /** Room of an answerer. */
    static GeneratorLimits limits(RunConfig config, CausalLm frozen) {
        int longest = Math.min(frozen.shape().maxPositions(), 2 * config.rollout().maxNewTokens() + 512);
        int atLeast = config.reward().questionsPerCaption() == 0 ? FEWEST_OF_ALL : config.reward().questionsPerCaption();
        return GeneratorLimits.roomFor(config.rollout().maxRows(), atLeast, longest,
                longest / 2 + config.reward().answerMaxTokens(), LocalAnswerer.PREFILL_TOKENS, "rollout.max_rows");
    }

    @Override
    public void close() {
        opened.close();
    }
}
