package org.caprl.trainer.update;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.WeightSource;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.rollout.CaptionRequest;
import org.caprl.rollout.local.LocalCaptionEngine;
import org.caprl.trainer.launch.ResidentMemory;
import org.caprl.trainer.loss.Clip;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.KlPenalty;
import org.caprl.trainer.loss.LossAverage;
import org.caprl.trainer.loss.RatioLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/**
 * What owners count against what the system counts, over rollout and update of a model of 300 million weights. Takes 7 GB; run it with
 * CAPRL_LARGE=true in a JVM of its own.
 */
@EnabledIfEnvironmentVariable(named = "CAPRL_LARGE", matches = "true", disabledReason = "takes 7 GB; set CAPRL_LARGE=true to run it")
class ResidentMemoryTest {
    private static final int PROMPT = 100;
    private static final int NEW_TOKENS = 32;
    private static final int CAPTIONS = 4;

    @Test
    void ownersCountWhatTheProcessTakes() {
        long[] small = measured(64, 2);
        System.gc();
        long before = ResidentMemory.bytes().orElseThrow();
        long[] large = measured(1024, 18);
        long growth = large[1] - before;
        System.out.printf(Locale.ROOT, "%,d bytes by owners (warm-up: %,d), resident %,d more than the warm JVM's %,d%n", large[0],
                small[0], growth, before);
        assertTrue(Math.abs(large[0] - growth) <= 0.1 * growth, large[0] + " counted, " + growth + " resident");
    }

    /** Peaks of all owners in one step, and what is resident after it. */
    private static long[] measured(int hidden, int layers) {
        try (TensorOps ops = Backends.open("cpu", 1).ops(); CausalLm model = Models.build(config(hidden, layers), "test", ops, new Noise());
                AdamW optimizer = new AdamW(ops, model.params(), AdamW.Settings.DEFAULT);
                LocalCaptionEngine engine = new LocalCaptionEngine(model, ops, TokenText.NONE,
                        GeneratorLimits.roomFor(2 * CAPTIONS, CAPTIONS, PROMPT, NEW_TOKENS, 1024, "test"))) {
            List<CaptionRequest> requests = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                int[] ids = IntStream.range(i, PROMPT + i).toArray();
                requests.add(CaptionRequest.of(new Prompt("prompt " + i, ids, List.of()), CAPTIONS, 1, 1));
            }
            List<TrainingGroup> groups = new ArrayList<>();
            for (RolloutGroup group : engine.caption(requests, SamplingParams.sampling(1, NEW_TOKENS, List.of()),
                    GenerationListener.NONE)) {
                groups.add(new TrainingGroup(group.prompt(), group.captions().stream().map(c -> new TrainingGroup.TrainingCaption(c.ids(),
                        c.temperedLogProbs(), c.ids()[0] % 3 - 1f, false)).toList()));
            }
            new PolicyUpdate(ops, model, null, optimizer, new LearningRateSchedule(1e-6, 0, 10, LearningRateSchedule.Shape.CONSTANT),
                    new GrpoLoss(RatioLevel.TOKEN, new Clip(0.2, 0.2), KlPenalty.NONE, 0, LossAverage.DAPO),
                    new PolicyUpdate.Settings(1, 8192, Recompute.NONE, 1f, NEW_TOKENS, 0)).step(groups);
            long owners = 0;
            for (MemoryOwner owner : MemoryOwner.values()) {
                System.out.printf(Locale.ROOT, "%-12s %,15d%n", owner.key(), ops.memory().peakBytes(owner));
                owners += ops.memory().peakBytes(owner);
            }
            System.out.printf(Locale.ROOT, "%,d weights; peak %,d, held %,d%n", model.params().count(), ops.memory().peakBytes(),
                    ops.memory().bytesHeld());
            return new long[] {owners, ResidentMemory.bytes().orElseThrow()};
        }
    }

    private static ObjectNode config(int hidden, int layers) {
        return new ObjectMapper().createObjectNode().put("model_type", "qwen2").put("vocab_size", 32_000).put("hidden_size", hidden)
                .put("intermediate_size", 4 * hidden).put("num_hidden_layers", layers).put("num_attention_heads", hidden / 32)
                .put("num_key_value_heads", Math.max(1, hidden / 128)).put("hidden_act", "silu").put("rms_norm_eps", 1e-6)
                .put("max_position_embeddings", 512).put("use_sliding_window", false).put("rope_theta", 10000.0)
                .put("tie_word_embeddings", true);
    }

    private static final class Noise implements WeightSource {
        @Override
        public void fill(String name, Tensor target) {
            SplittableRandom random = new SplittableRandom(name.hashCode());
            for (long i = 0; i < target.size(); i++) {
                target.segment().setAtIndex(ValueLayout.JAVA_FLOAT, i, (random.nextFloat() - 0.5f) * 0.05f);
            }
        }

        @Override
        public boolean has(String name) {
            return true;
        }
    }
}
