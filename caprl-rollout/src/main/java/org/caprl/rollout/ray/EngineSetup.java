package org.caprl.rollout.ray;

import java.nio.file.Path;
import java.util.Optional;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.LoraSettings;
import org.caprl.core.nn.WeightType;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.message.MessageWriter;

/**
 * What a caption actor makes its engine of.
 *
 * @param model folder of the policy, absolute; read on the actor's node
 * @param type of the weights in memory
 * @param lora adapters that the policy is trained by
 * @param seed of fresh adapters
 * @param backend of the tensors
 * @param threads of the backend; 0 takes every processor of the node
 * @param limits of the generator
 */
public record EngineSetup(Path model, WeightType type, Optional<LoraSettings> lora, long seed, String backend, int threads,
        GeneratorLimits limits) {
    /** As a message. */
    byte[] message() {
        MessageWriter m = new MessageWriter(MessageKind.ENGINE).put(model.toString()).put(type).put(lora.isPresent());
        lora.ifPresent(l -> m.put(l.r()).put(l.alpha()).put(l.dropout()).put(l.rslora()).putAll(l.targets(), MessageWriter::put)
                .put(l.vision()));
        return m.put(seed).put(backend).put(threads).put(limits.decodeRows()).put(limits.kvRows()).put(limits.pageRows())
                .put(limits.prefillTokens()).put(limits.kvRowsKey()).bytes();
    }

    /** From a message. */
    static EngineSetup of(byte[] message) {
        MessageReader m = new MessageReader(message, MessageKind.ENGINE);
        Path model = Path.of(m.text());
        WeightType type = m.constant(WeightType.class);
        Optional<LoraSettings> lora = m.flag() ? Optional.of(new LoraSettings(m.integer(), m.real64(), m.real64(), m.flag(),
                m.all(MessageReader::text), m.flag())) : Optional.empty();
        EngineSetup setup = new EngineSetup(model, type, lora, m.number(), m.text(), m.integer(),
                new GeneratorLimits(m.integer(), m.integer(), m.integer(), m.integer(), m.text()));
        m.end();
        return setup;
    }

    /** Adapters as the trainer has them before its first step, or null. */
    Adapters adapters() {
        return lora.map(settings -> Adapters.fresh(settings, seed)).orElse(null);
    }
}
