package org.caprl.reward.qa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.InputException;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationCounts;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GenerationResult;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.StopRule;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.TensorOps;

/**
 * A frozen language model in this JVM. The caption is computed once for all its questions; an answer ends at the first option letter,
 * since nothing after it counts.
 */
public final class LocalAnswerer implements Answerer, AutoCloseable {
    private static final StopRule FIRST_LETTER = text -> text.chars().anyMatch(c -> c >= 'A' && c <= 'I');

    private final Processor processor;
    private final AnswererPrompt prompt;
    private final BatchGenerator generator;
    private final SamplingParams params;

    /**
     * An answerer.
     *
     * @param temperature of the answers; 0 for the most probable
     * @param maxTokens most tokens of an answer
     */
    public LocalAnswerer(CausalLm model, TensorOps ops, Processor processor, AnswererPrompt prompt, double temperature, int maxTokens,
            GeneratorLimits limits) {
        this.processor = processor;
        this.prompt = prompt;
        this.generator = new BatchGenerator(model, ops,
                (ids, from, to) -> processor.tokenizer().decode(Arrays.copyOfRange(ids, from, to), true), limits);
        this.params = SamplingParams.sampling(temperature, maxTokens, processor.eosTokenIds()).withStopRule(FIRST_LETTER);
    }

    @Override
    public List<List<Answer>> answer(List<CaptionQuestions> captions) {
        List<GenerationRequest> requests = new ArrayList<>();
        for (CaptionQuestions asked : captions) {
            AnswererRows rows = AnswererRows.of(processor, prompt, asked.caption(), asked.questions());
            long[] keys = new long[asked.questions().size()];
            for (int q = 0; q < keys.length; q++) {
                keys[q] = CounterRandom.with(asked.key(), q);
            }
            requests.add(new GenerationRequest(Prompt.text("caption " + requests.size(), rows.shared()), rows.suffixes(), params, keys));
        }
        List<List<Answer>> answers = new ArrayList<>();
        for (GenerationResult result : generator.generate(requests)) {
            List<Answer> ofCaption = new ArrayList<>();
            for (Caption text : result.captions()) {
                ofCaption.add(Answer.of(processor.tokenizer().decode(text.ids(), true)));
            }
            answers.add(ofCaption);
        }
        return answers;
    }

    /**
     * The label that the model thinks most probable for each question: among the labels of its options and, unless {@code mustChoose},
     * the refusal's.
     */
    public List<Character> mostProbable(CaptionQuestions asked, boolean mustChoose) {
        AnswererRows rows = AnswererRows.of(processor, prompt, asked.caption(), asked.questions());
        int[] letters = new int[PosedQuestion.REFUSAL_LETTER - 'A' + 1];
        for (int i = 0; i < letters.length; i++) {
            letters[i] = letterToken((char) ('A' + i));
        }
        float[][] logProbs = generator.nextTokenLogProbs(Prompt.text("caption", rows.shared()), rows.suffixes(), letters);
        List<Character> chosen = new ArrayList<>();
        for (int q = 0; q < logProbs.length; q++) {
            int best = 0;
            int options = asked.questions().get(q).options().size();
            for (int i = 1; i < letters.length; i++) {
                boolean offered = i < options || !mustChoose && i == letters.length - 1;
                best = offered && logProbs[q][i] > logProbs[q][best] ? i : best;
            }
            chosen.add((char) ('A' + best));
        }
        return chosen;
    }

    /** The token that follows "The answer is" for a letter: the letter with its leading space, as one token. */
    private int letterToken(char letter) {
        int[] ids = processor.tokenizer().encode(" " + letter);
        if (ids.length != 1) {
            throw new InputException(processor.tokenizer().file() + ": ' " + letter + "' is " + ids.length
                    + " tokens; the most probable letter can be read off only where it is one");
        }
        return ids[0];
    }

    /** Work done so far. */
    public GenerationCounts counts() {
        return generator.counts();
    }

    @Override
    public void close() {
        generator.close();
    }
}
