package org.caprl.trainer.bench;

import java.util.List;
import org.caprl.core.data.synth.AnswererExample;
import org.caprl.core.data.synth.AnswererExamples;
import org.caprl.core.data.synth.Split;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.AnswererRows;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.qa.PosedQuestion;
import org.caprl.trainer.launch.LoadedModel;

/**
 * All questions on one caption by a {@link LocalAnswerer}, template and tokenizer included. One token an answer: what a trained answerer
 * needs, and the same for any weights.
 */
final class AnswerRun implements CaseRun {
    private static final double TEMPERATURE = 0.6;
    private static final int PREFILL_TOKENS = 8192;

    private final BenchCase wanted;
    private final LoadedModel answererModel;
    private final LocalAnswerer answerer;
    private final String caption;
    private final List<PosedQuestion> questions;
    private final List<String> turns;
    private final double promptTokens;
    private long repetition;

    AnswerRun(BenchCase wanted, LoadedModel answererModel, TensorOps ops) {
        this.wanted = wanted;
        this.answererModel = answererModel;
        AnswererExamples examples = new AnswererExamples(1, Split.EVAL);
        List<AnswererExample> paper = List.of();
        for (int i = 0; paper.size() < wanted.captions() || paper.getFirst().caption().isEmpty(); i++) {
            paper = examples.paper(i);
        }
        this.caption = paper.getFirst().caption();
        this.questions = paper.subList(0, wanted.captions()).stream().map(AnswererExample::question)
                .map(q -> new PosedQuestion(q.question(), q.choices(), q.answer())).toList();
        AnswererPrompt prompt = AnswererPrompt.named("short");
        this.turns = questions.stream().map(q -> prompt.userTurn(caption, q)).toList();
        AnswererRows rows = AnswererRows.of(answererModel.processor(), turns);
        int longest = rows.suffixes().stream().mapToInt(ids -> ids.length).max().getAsInt();
        this.promptTokens = rows.shared().length + rows.suffixes().stream().mapToInt(ids -> ids.length).average().getAsDouble();
        this.answerer = new LocalAnswerer(answererModel.model(), ops, answererModel.processor(), prompt, TEMPERATURE, wanted.newTokens(),
                GeneratorLimits.roomFor(wanted.captions(), wanted.captions(), rows.shared().length, longest + wanted.newTokens(),
                        PREFILL_TOKENS, "the benchmark's cache"));
    }

    @Override
    public void run() {
        GenerationCounts before = answerer.counts();
        answerer.answer(List.of(new CaptionQuestions(caption, questions, ++repetition)));
        GenerationCounts done = answerer.counts().minus(before);
        long computed = done.prefilledTokens() + done.suffixTokens();
        if (done.sampledTokens() != (long) wanted.rows() * wanted.newTokens() || computed > promptTokens * wanted.rows()) {
            throw new IllegalStateException(wanted + " did " + done);
        }
    }

    @Override
    public Lengths lengths() {
        return new Lengths(wanted.rows(), promptTokens, 0, wanted.newTokens());
    }

    @Override
    public CausalLm model() {
        return answererModel.model();
    }

    @Override
    public Inputs inputs() {
        return new Inputs(null, turns);
    }

    @Override
    public void close() {
        answerer.close();
        answererModel.close();
    }
}
