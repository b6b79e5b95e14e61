package org.caprl.reward.remote;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.text.ChatMessage;

/** The model behind stubs, one request at a time. A seed is the key of the draws, as it is for a local answerer. */
public final class StubModel implements AutoCloseable {
    private final TensorOps ops = Backends.open("cpu", 1).ops();
    private final CausalLm model;
    private final Processor processor;
    private final BatchGenerator generator;

    /** The model of a folder. */
    public StubModel(Path folder) {
        this.model = Models.load(folder, ops);
        this.processor = Processor.load(folder);
        this.generator = new BatchGenerator(model, ops, processor::text, new GeneratorLimits(16, 8192, 1024, "the stub's cache"));
    }

    /**
     * A token that was drawn.
     *
     * @param text of it alone
     * @param top log-probabilities of the most probable tokens there, raw, by text, the most probable first
     * @param logProb its own
     */
    record Token(String text, double logProb, Map<String, Double> top) {
    }

    /** What was generated. */
    record Written(String text, int promptTokens, int tokens, boolean ended, List<Token> logProbs) {
    }

    int[] encode(String text) {
        return processor.tokenizer().encode(text);
    }

    String render(List<ChatMessage> messages, boolean addGenerationPrompt) {
        return processor.template().render(messages, addGenerationPrompt);
    }

    /** Why a prompt is refused. */
    synchronized Optional<String> misfit(int[] prompt, int maxTokens) {
        return generator.misfit(request(prompt, 0, maxTokens, 0));
    }

    /** @param top most probable tokens to tell of at each place; 0 for none */
    synchronized Written write(int[] prompt, double temperature, int maxTokens, long seed, int top) {
        Caption caption = generator.generate(List.of(request(prompt, temperature, maxTokens, seed))).getFirst().captions().getFirst();
        return new Written(processor.tokenizer().decode(caption.ids(), true), prompt.length, caption.length(), caption.finished(),
                top == 0 ? List.of() : tokens(prompt, caption.ids(), top));
    }

    private GenerationRequest request(int[] prompt, double temperature, int maxTokens, long seed) {
        return GenerationRequest.captions(Prompt.text("of a request", prompt),
                SamplingParams.sampling(temperature, maxTokens, processor.eosTokenIds()), seed);
    }

    private List<Token> tokens(int[] prompt, int[] ids, int top) {
        int[] last = {prompt[prompt.length - 1]};
        List<int[]> before = IntStream.range(0, ids.length)
                .mapToObj(n -> IntStream.concat(Arrays.stream(last), Arrays.stream(ids, 0, n)).toArray()).toList();
        int[] all = IntStream.range(0, processor.tokenizer().vocabSize()).toArray();
        Prompt shared = Prompt.text("of a request", Arrays.copyOf(prompt, prompt.length - 1));
        float[][] logProbs = generator.nextTokenLogProbs(shared, before, all);
        return IntStream.range(0, ids.length).mapToObj(n -> {
            Map<String, Double> most = new LinkedHashMap<>();
            IntStream.of(all).boxed().sorted((a, b) -> Float.compare(logProbs[n][b], logProbs[n][a])).limit(top)
                    .forEach(id -> most.putIfAbsent(text(id), (double) logProbs[n][id]));
            return new Token(text(ids[n]), logProbs[n][ids[n]], most);
        }).toList();
    }

    private String text(int id) {
        return processor.tokenizer().decode(new int[] {id}, false);
    }

    @Override
    public void close() {
        generator.close();
        processor.close();
        model.close();
        ops.close();
    }
}
