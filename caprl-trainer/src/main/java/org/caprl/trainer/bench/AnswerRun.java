package org.caprl.trainer.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.data.synth.AnswererExample;
import org.caprl.core.data.synth.AnswererExamples;
import org.caprl.core.data.synth.Split;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.model.CausalLm;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.TensorOps;
import org.caprl.reward.qa.AnswererPrompt;
import org.caprl.reward.qa.AnswererRows;
import org.caprl.reward.qa.CaptionQuestions;
import org.caprl.reward.qa.LocalAnswerer;
import org.caprl.reward.qa.PosedQuestion;
import org.caprl.trainer.launch.LoadedModel;

/**
 * Questions on captions of the synthetic world, answered by a {@link LocalAnswerer}, template and tokenizer included. With one token an
 * answer, what a trained answerer needs, the work is the same for any weights; with more, an answer ends at its letter.
 */
final class AnswerRun implements CaseRun {
    private static final double TEMPERATURE = 0.6;
    private static final int DECODE_ROWS = 512;

    private final BenchCase wanted;
    private final LoadedModel answererModel;
    private final LocalAnswerer answerer;
    private final List<CaptionQuestions> papers = new ArrayList<>();
    private final List<String> turns = new ArrayList<>();
    private long plainTokens;
    private long sharedTokens;
    private long repetition;

    AnswerRun(BenchCase wanted, LoadedModel answererModel, TensorOps ops) {
        this.wanted = wanted;
        this.answererModel = answererModel;
        AnswererPrompt prompt = AnswererPrompt.named("short");
        AnswererExamples examples = new AnswererExamples(1, Split.EVAL);
        int longestCaption = 0;
        int longestQuestion = 0;
        for (int i = 0; papers.size() < wanted.prompts(); i++) {
            List<AnswererExample> paper = examples.paper(i);
            if (paper.size() >= wanted.captions() && !paper.getFirst().caption().isEmpty()) {
                String caption = paper.getFirst().caption();
                List<PosedQuestion> questions = paper.subList(0, wanted.captions()).stream().map(AnswererExample::question)
                        .map(q -> new PosedQuestion(q.question(), q.choices(), q.answer())).toList();
                List<String> asked = questions.stream().map(q -> prompt.userTurn(caption, q)).toList();
                AnswererRows rows = AnswererRows.of(answererModel.processor(), asked);
                int[] suffixes = rows.suffixes().stream().mapToInt(ids -> ids.length).toArray();
                for (int suffix : suffixes) {
                    longestQuestion = Math.max(longestQuestion, suffix);
                    plainTokens += rows.shared().length + suffix;
                    sharedTokens += suffix;
                }
                sharedTokens += rows.shared().length;
                longestCaption = Math.max(longestCaption, rows.shared().length);
                papers.add(new CaptionQuestions(caption, questions, papers.size()));
                turns.addAll(asked);
            }
        }
        this.answerer = new LocalAnswerer(answererModel.model(), ops, answererModel.processor(), prompt, TEMPERATURE, wanted.newTokens(),
                GeneratorLimits.roomFor(Math.min(DECODE_ROWS, wanted.rows()), wanted.captions(), longestCaption,
                        longestQuestion + wanted.newTokens(), LocalAnswerer.PREFILL_TOKENS, "the benchmark's cache"));
    }

    @Override
    public void run() {
        GenerationCounts before = answerer.counts();
        long key = ++repetition;
        answerer.answer(papers.stream()
                .map(p -> new CaptionQuestions(p.caption(), p.questions(), CounterRandom.with(key, p.key()))).toList());
        GenerationCounts done = answerer.counts().minus(before);
        boolean allSampled = wanted.newTokens() == 1 ? done.sampledTokens() == wanted.rows()
                : done.sampledTokens() >= wanted.rows() && done.sampledTokens() <= (long) wanted.rows() * wanted.newTokens();
        if (!allSampled || done.prefilledTokens() + done.suffixTokens() != sharedTokens) {
            throw new IllegalStateException(wanted + " did " + done + ", not " + sharedTokens + " prefilled tokens");
        }
    }

    @Override
    public Lengths lengths() {
        return new Lengths(wanted.rows(), plainTokens / (double) wanted.rows(), 0, wanted.newTokens());
    }

    /** What is prefilled, and what it were if each question came with its caption. */
    @Override
    public Map<String, Double> figures() {
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("prefill tokens", (double) sharedTokens);
        figures.put("of a question by itself", (double) plainTokens);
        figures.put("saved share", 1 - sharedTokens / (double) plainTokens);
        return figures;
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
