package org.caprl.trainer.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.nn.WeightType;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.BFloat16;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;

/** A Qwen2 of 509 million weights, as wide as Qwen2-0.5B and one layer deeper, whose decoding reads far more than any cache holds. */
final class LargeModel {
    /** Ordinary tokens are below it. */
    static final int ID_LIMIT = 512;

    private static final int LAYERS = 25;

    private LargeModel() {
    }

    /** Its {@code config.json}. */
    static ObjectNode config() {
        ObjectNode config = JsonNodeFactory.instance.objectNode();
        config.putArray("architectures").add("Qwen2ForCausalLM");
        return config.put("model_type", "qwen2").put("vocab_size", 151936).put("hidden_size", 896).put("intermediate_size", 4864)
                .put("num_hidden_layers", LAYERS).put("num_attention_heads", 14).put("num_key_value_heads", 2).put("hidden_act", "silu")
                .put("rms_norm_eps", 1e-6).put("max_position_embeddings", 32768).put("rope_theta", 1000000.0)
                .put("tie_word_embeddings", true);
    }

    /** The model in memory. */
    static CausalLm build(TensorOps ops, WeightType type) {
        return Models.build(config(), "the large model of the benchmark", ops, new RepeatedNoise(), type);
    }

    /** Norm weights 1, biases 0, matrices of normal numbers that repeat: drawing half a billion takes longer than the measurement. */
    private static final class RepeatedNoise implements WeightSource {
        private static final double DEVIATION = 0.02;
        private static final int DRAWN = 1 << 20;

        @Override
        public void fill(String name, Tensor target) {
            boolean vector = target.rank() == 1;
            Random random = new Random(CounterRandom.hash(name));
            float[] some = new float[(int) Math.min(DRAWN, target.size())];
            for (int i = 0; i < some.length; i++) {
                some[i] = !vector ? (float) (random.nextGaussian() * DEVIATION) : name.endsWith("bias") ? 0 : 1;
            }
            MemorySegment drawn = MemorySegment.ofArray(some);
            if (target.dtype() == DType.BF16) {
                drawn = MemorySegment.ofArray(new short[some.length]);
                BFloat16.narrow(MemorySegment.ofArray(some), drawn);
            }
            MemorySegment repeated = drawn;
            target.write(elements -> {
                for (long at = 0; at < elements.byteSize(); at += repeated.byteSize()) {
                    MemorySegment.copy(repeated, 0, elements, at, Math.min(repeated.byteSize(), elements.byteSize() - at));
                }
            });
        }

        @Override
        public boolean has(String name) {
            return true;
        }
    }
}
