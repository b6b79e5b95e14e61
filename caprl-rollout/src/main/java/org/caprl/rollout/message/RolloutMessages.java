package org.caprl.rollout.message;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.FinishReason;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.StopRule;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;

/** How prompts, captions and sampling lie in messages. */
public final class RolloutMessages {
    private RolloutMessages() {
    }

    /** A prompt as a message of its own: the largest part of what a step sends, and several actors want it. */
    public static byte[] prompt(Prompt prompt) {
        long pixels = prompt.images().stream().mapToLong(image -> (long) image.pixels().length * Float.BYTES).sum();
        return new MessageWriter(MessageKind.PROMPT).expecting(pixels + (long) prompt.ids().length * Integer.BYTES)
                .put(prompt.id()).put(prompt.ids())
                .putAll(prompt.images(), (m, image) -> m.put(image.gridT()).put(image.gridH()).put(image.gridW()).put(image.pixels()))
                .bytes();
    }

    /** The prompt of a message. */
    public static Prompt prompt(byte[] message) {
        MessageReader reader = new MessageReader(message, MessageKind.PROMPT);
        Prompt prompt = new Prompt(reader.text(), reader.ints(), List.copyOf(reader.all(RolloutMessages::image)));
        reader.end();
        return prompt;
    }

    private static CausalLm.ImageInput image(MessageReader reader) {
        int gridT = reader.integer();
        int gridH = reader.integer();
        int gridW = reader.integer();
        return new CausalLm.ImageInput(reader.floats(), gridT, gridH, gridW);
    }

    /** Puts sampling. @throws IllegalArgumentException if it has a stop rule, which is code */
    public static void put(MessageWriter writer, SamplingParams params) {
        if (params.stopRule() != StopRule.NONE) {
            throw new IllegalArgumentException("a stop rule is code of this process and can't be sent to another");
        }
        writer.put(params.temperature()).put(params.topK()).put(params.topP()).put(params.minP()).put(params.repetitionPenalty())
                .put(params.maxNewTokens()).putAll(params.stop(), MessageWriter::put)
                .put(params.eosIds().stream().mapToInt(Integer::intValue).toArray());
    }

    /** Sampling. */
    public static SamplingParams sampling(MessageReader reader) {
        return new SamplingParams(reader.real64(), reader.integer(), reader.real64(), reader.real64(), reader.real64(), reader.integer(),
                reader.all(MessageReader::text), Arrays.stream(reader.ints()).boxed().toList(), StopRule.NONE);
    }

    /** Puts a caption. */
    public static void put(MessageWriter writer, Caption caption) {
        writer.put(caption.ids()).put(caption.rawLogProbs()).put(caption.temperedLogProbs()).put(caption.sampledLogProbs())
                .put(caption.finish()).put(caption.weightVersion());
    }

    /** A caption. */
    public static Caption caption(MessageReader reader) {
        return new Caption(reader.ints(), reader.floats(), reader.floats(), reader.floats(), reader.constant(FinishReason.class),
                reader.number());
    }
}
