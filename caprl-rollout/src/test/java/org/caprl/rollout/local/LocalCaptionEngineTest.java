package org.caprl.rollout.local;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.TextConfig;
import org.caprl.core.model.TextLm;
import org.caprl.core.nn.Params;
import org.caprl.core.nn.RandomWeights;
import org.caprl.core.nn.Rope;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.rollout.CaptionEngine;
import org.caprl.rollout.CaptionRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LocalCaptionEngineTest {
    private static final Prompt CAT = Prompt.text("cat", 1, 2, 3, 4, 5);
    private static final Prompt DOG = Prompt.text("dog", 6, 7, 8);
    private static final TextConfig CONFIG = new TextConfig(31, 16, 24, 1, 2, 1, 8, 1e-6f, true, false, false, true, true, -1, 256,
            Rope.text(8, 10000));

    private final TensorOps ops = Backends.open("reference", 1).ops();
    private final CausalLm model = new TextLm("tiny", CONFIG, new Params(ops, new RandomWeights(3, 0.3)));
    private final CaptionEngine engine = new LocalCaptionEngine(model, ops, TokenText.NONE,
            GeneratorLimits.roomFor(8, 4, 16, 16, 64, "rollout.kv_rows"));

    @AfterEach
    void close() {
        engine.close();
        model.close();
        ops.close();
    }

    private List<RolloutGroup> captions(long step, Prompt... prompts) {
        List<CaptionRequest> requests = Arrays.stream(prompts).map(prompt -> CaptionRequest.of(prompt, 4, 42, step)).toList();
        return engine.caption(requests, SamplingParams.sampling(1, 12, List.of(0)), GenerationListener.NONE);
    }

    @Test
    void groupsAreWholeAndDependOnSampleAndStepOnly() {
        List<RolloutGroup> both = captions(5, CAT, DOG);
        assertEquals(List.of("cat", "dog"), both.stream().map(group -> group.prompt().id()).toList());
        assertEquals(4, both.getFirst().size());
        RolloutGroup alone = captions(5, DOG).getFirst();
        for (int i = 0; i < 4; i++) {
            assertArrayEquals(both.get(1).captions().get(i).ids(), alone.captions().get(i).ids());
        }
        RolloutGroup later = captions(6, DOG).getFirst();
        assertFalse(Arrays.equals(alone.captions().getFirst().ids(), later.captions().getFirst().ids()));
        assertEquals(5 + 3 + 3 + 3, engine.counts().prefilledTokens());
    }

    @Test
    void captionsCarryTheVersionThatWroteThem() {
        assertEquals(0, captions(1, CAT).getFirst().weightVersion());
        engine.install(3);
        RolloutGroup group = captions(1, CAT).getFirst();
        assertEquals(3, group.weightVersion());
        assertEquals(3, group.captions().getLast().weightVersion());
        assertThrows(IllegalArgumentException.class, () -> engine.install(2));
        engine.install(3);
        assertEquals(3, engine.weightVersion());
    }

    @Test
    void aRoundedCopyFollowsThePolicyWhenAVersionIsInstalled() {
        CausalLm rounded = new TextLm("tiny", CONFIG, new Params(ops, new RandomWeights(4, 0.3), WeightType.BFLOAT16));
        try (CaptionEngine copying = new LocalCaptionEngine(model, rounded, ops, TokenText.NONE,
                GeneratorLimits.roomFor(8, 4, 16, 16, 64, "rollout.kv_rows"))) {
            float[] before = logProbs(copying);
            model.params().values().forEach(weight -> {
                if (weight.value().rank() > 1) {
                    ops.scale(weight.value(), 0.5f, weight.value());
                    weight.value().markWritten();
                }
            });
            assertArrayEquals(before, logProbs(copying));
            copying.install(1);
            assertFalse(Arrays.equals(before, logProbs(copying)));
            assertArrayEquals(logProbs(engine), logProbs(copying), 0.05f);
        }
    }

    private static float[] logProbs(CaptionEngine engine) {
        SamplingParams one = SamplingParams.sampling(1, 1, List.of());
        return engine.caption(List.of(CaptionRequest.of(CAT, 4, 42, 1)), one, GenerationListener.NONE).getFirst().captions().getFirst()
                .rawLogProbs();
    }
}
