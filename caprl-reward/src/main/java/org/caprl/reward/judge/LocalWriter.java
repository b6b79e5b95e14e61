package org.caprl.reward.judge;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.caprl.core.generate.BatchGenerator;
import org.caprl.core.generate.GenerationRequest;
import org.caprl.core.generate.GenerationResult;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.text.ChatMessage;
import org.caprl.reward.qa.Answer;

/** A frozen language model in this JVM, in its checkpoint's chat template. */
public final class LocalWriter implements TextWriter, AutoCloseable {
    private final Processor processor;
    private final BatchGenerator generator;
    private final SamplingParams params;

    /**
     * A writer.
     *
     * @param temperature of the sampling; 0 for the most probable
     * @param maxTokens most tokens of a reply
     */
    public LocalWriter(CausalLm model, TensorOps ops, Processor processor, double temperature, int maxTokens, GeneratorLimits limits) {
        this.processor = processor;
        this.generator = new BatchGenerator(model, ops,
                (ids, from, to) -> processor.tokenizer().decode(Arrays.copyOfRange(ids, from, to), true), limits);
        this.params = SamplingParams.sampling(temperature, maxTokens, processor.eosTokenIds());
    }

    /** A text that is too long for the model gets a failed answer, which says why. */
    @Override
    public List<Answer> write(List<Request> requests) {
        List<Answer> replies = new ArrayList<>();
        List<GenerationRequest> fitting = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        for (Request request : requests) {
            String text = processor.template().render(List.of(ChatMessage.text("user", request.userTurn())), true);
            int[] ids = processor.tokenizer().encode(text);
            GenerationRequest asked = GenerationRequest.captions(Prompt.text("text " + replies.size(), ids), params,
                    new long[] {request.key()});
            Optional<String> misfit = generator.misfit(asked);
            if (misfit.isEmpty()) {
                places.add(replies.size());
                fitting.add(asked);
            }
            replies.add(Answer.failed(misfit.orElse("")));
        }
        List<GenerationResult> results = generator.generate(fitting);
        for (int i = 0; i < results.size(); i++) {
            replies.set(places.get(i), Answer.of(processor.tokenizer().decode(results.get(i).captions().getFirst().ids(), true)));
        }
        return replies;
    }

    @Override
    public void close() {
        generator.close();
    }
}
