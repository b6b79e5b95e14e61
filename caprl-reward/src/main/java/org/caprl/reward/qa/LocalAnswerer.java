package org.caprl.reward.qa;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.caprl.core.RunStoppedException;
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
    /**
     * Tokens of a prefill pass that suit a small answerer: its rows stay in the processor's caches. Measured on the smoke run's: a step's
     * questions take 10 to 25 % less time than with 8192, and 2048 and 512 lie between.
     */
    public static final int PREFILL_TOKENS = 1024;

    private static final StopRule FIRST_LETTER = text -> text.chars().anyMatch(c -> c >= 'A' && c <= 'I');

    private final String family;
    private final Processor processor;
    private final AnswererPrompt prompt;
    private final BatchGenerator generator;
    private final SamplingParams params;
    private final AtomicLong saved = new AtomicLong();
    /** Null for one thread. */
    private final ForkJoinPool tokenizing;

    /**
     * An answerer.
     *
     * @param temperature of the answers; 0 for the most probable
     * @param maxTokens most tokens of an answer
     */
    public LocalAnswerer(CausalLm model, TensorOps ops, Processor processor, AnswererPrompt prompt, double temperature, int maxTokens,
            GeneratorLimits limits) {
        this.family = model.family();
        this.processor = processor;
        this.prompt = prompt;
        this.generator = new BatchGenerator(model, ops,
                (ids, from, to) -> processor.tokenizer().decode(Arrays.copyOfRange(ids, from, to), true), limits);
        this.params = SamplingParams.sampling(temperature, maxTokens, processor.eosTokenIds()).withStopRule(FIRST_LETTER);
        this.tokenizing = ops.threads() == 1 ? null : new ForkJoinPool(ops.threads());
    }

    /** The questions on a caption that is too long for the answerer get failed answers, which say why. */
    @Override
    public List<List<Answer>> answer(List<CaptionQuestions> captions) {
        List<List<Answer>> answers = new ArrayList<>();
        List<GenerationRequest> requests = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (GenerationRequest request : requests(captions)) {
            Optional<String> misfit = generator.misfit(request);
            if (misfit.isEmpty()) {
                places.add(answers.size());
                requests.add(request);
            }
            answers.add(misfit.map(reason -> Collections.nCopies(request.branches(), Answer.failed(reason))).orElse(List.of()));
        }
        requests.forEach(request -> saved.addAndGet((request.branches() - 1L) * request.prompt().ids().length));
        List<GenerationResult> results = generator.generate(requests);
        for (int i = 0; i < results.size(); i++) {
            answers.set(places.get(i), results.get(i).captions().stream().map(this::answer).toList());
        }
        return answers;
    }

    /** The prompts of these captions in order, tokenized by as many threads as the backend has: for a small model that takes a while. */
    private List<GenerationRequest> requests(List<CaptionQuestions> captions) {
        if (tokenizing == null) {
            return IntStream.range(0, captions.size()).mapToObj(i -> request(captions.get(i), i, Stream::sequential)).toList();
        }
        return tokenizing.submit(() -> IntStream.range(0, captions.size()).parallel()
                .mapToObj(i -> request(captions.get(i), i, Stream::parallel)).toList()).join();
    }

    private GenerationRequest request(CaptionQuestions asked, int number, UnaryOperator<Stream<String>> manner) {
        Stream<String> turns = asked.questions().stream().map(question -> prompt.userTurn(asked.caption(), question));
        AnswererRows rows = AnswererRows.of(processor, manner.apply(turns));
        long[] keys = new long[asked.questions().size()];
        Arrays.setAll(keys, q -> CounterRandom.with(asked.key(), q));
        return new GenerationRequest(Prompt.text("caption " + number, rows.shared()), rows.suffixes(), params, keys);
    }

    private Answer answer(Caption generated) {
        return Answer.of(processor.tokenizer().decode(generated.ids(), true));
    }

    @Override
    public List<List<LetterLogProbs>> letterLogProbs(List<CaptionQuestions> captions) {
        return captions.stream().map(this::letterLogProbs).toList();
    }

    private List<LetterLogProbs> letterLogProbs(CaptionQuestions asked) {
        if (asked.questions().isEmpty()) {
            return List.of();
        }
        AnswererRows rows = AnswererRows.of(processor, prompt, asked.caption(), asked.questions());
        LetterTokens letters = LetterTokens.of(processor.tokenizer());
        List<int[]> suffixes = rows.suffixes().stream().flatMap(ids -> letters.rows(ids).stream()).toList();
        float[][] scores = generator.nextTokenLogProbs(Prompt.text("caption", rows.shared()), suffixes, letters.candidates());
        saved.addAndGet((suffixes.size() - 1L) * rows.shared().length);
        int each = letters.beginnings().size();
        List<LetterLogProbs> found = new ArrayList<>();
        for (int q = 0; q < asked.questions().size(); q++) {
            double[] logProbs = letters.logProbs(Arrays.asList(scores).subList(q * each, (q + 1) * each));
            requireFinite(logProbs, asked.questions().get(q));
            found.add(new LetterLogProbs(logProbs));
        }
        return found;
    }

    /** No comparison with NaN holds: without this check the first letter would be taken. */
    private void requireFinite(double[] logProbs, PosedQuestion question) {
        if (!Arrays.stream(logProbs).allMatch(Double::isFinite)) {
            throw new RunStoppedException("the answerer, a " + family + " model, gives the letters of the question '"
                    + question.question() + "' the log-probabilities " + Arrays.toString(logProbs)
                    + ": its weights hold NaN or are too large. Look for NaN in its checkpoint; no answer was counted.");
        }
    }

    /** Work done so far. */
    public GenerationCounts counts() {
        return generator.counts();
    }

    /** Prompt tokens that were not computed again, since the questions on a caption share its computation. */
    public long savedTokens() {
        return saved.get();
    }

    @Override
    public void close() {
        if (tokenizing != null) {
            tokenizing.close();
        }
        generator.close();
    }
}
