package org.caprl.trainer.update;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.caprl.core.data.RolloutGroup;
import org.caprl.core.generate.Caption;
import org.caprl.core.generate.GenerationListener;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.RandomImage;
import org.caprl.core.tensor.TensorOps;
import org.caprl.rollout.CaptionRequest;
import org.caprl.rollout.local.LocalCaptionEngine;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;

/** Captions of random images, sampled from a policy. */
final class Rollouts {
    private Rollouts() {
    }

    /** Groups of {@code captions} captions each. */
    static List<TrainingGroup> of(TensorOps ops, CausalLm policy, int images, int captions, int maxTokens, float temperature) {
        Random random = new Random(3);
        List<CaptionRequest> requests = new ArrayList<>();
        for (int i = 0; i < images; i++) {
            ImageInput image = RandomImage.of(policy, 4 + 2 * (i % 2), 4, random);
            int[] ids = IntStream.concat(IntStream.range(0, RandomImage.tokens(image)).map(_ -> policy.imageToken()),
                    IntStream.of(1, 2, 3 + i)).toArray();
            requests.add(CaptionRequest.of(new Prompt("image " + i, ids, List.of(image)), captions, 42, 1));
        }
        SamplingParams sampling = SamplingParams.sampling(temperature, maxTokens, List.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
        List<TrainingGroup> groups = new ArrayList<>();
        try (LocalCaptionEngine engine = new LocalCaptionEngine(policy, ops, TokenText.NONE,
                GeneratorLimits.roomFor(8, 1, 32, maxTokens, 128, "rollout.kv_rows"))) {
            for (RolloutGroup group : engine.caption(requests, sampling, GenerationListener.NONE)) {
                List<TrainingCaption> written = new ArrayList<>();
                for (Caption c : group.captions()) {
                    written.add(new TrainingCaption(c.ids(), c.temperedLogProbs(), written.size() - 0.7f, false));
                }
                groups.add(new TrainingGroup(group.prompt(), written));
            }
        }
        return groups;
    }
}
