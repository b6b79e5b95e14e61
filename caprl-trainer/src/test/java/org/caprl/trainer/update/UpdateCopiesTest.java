package org.caprl.trainer.update;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.CausalLm.ImageInput;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.loss.Clip;
import org.caprl.trainer.loss.GrpoLoss;
import org.caprl.trainer.loss.KlPenalty;
import org.caprl.trainer.loss.LossAverage;
import org.caprl.trainer.loss.RatioLevel;
import org.caprl.trainer.update.TrainingGroup.TrainingCaption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a training step moves between host and device: a number of copies that neither depth, nor captions, nor weights change. */
class UpdateCopiesTest {
    /** Of one micro-batch of images: ids, pixels, positions, rows that predict and their order, plans, targets, seeds of backward. */
    private static final int IN = 11;
    /** Of one micro-batch: log-probs and entropies; of the update: the gradient norm. */
    private static final int OUT = 3;

    @TempDir
    Path temp;

    private record Copies(long in, long out) {
    }

    @Test
    void aStepMovesItsBatchAndItsLogProbs() throws IOException {
        assumeTrue(Backends.providers().stream().filter(p -> p.probe().works()).map(BackendProvider::name).anyMatch("nd4j"::equals),
                "backend nd4j can't start here: NOT CHECKED");
        Copies shallow = ofSecondStep(1, 2);
        System.out.println("copies of a training step: " + shallow);
        assertTrue(shallow.in <= IN, shallow::toString);
        assertEquals(OUT, shallow.out);
        assertEquals(shallow, ofSecondStep(3, 2), "three layers");
        assertEquals(shallow, ofSecondStep(1, 5), "five captions");
    }

    /** The first step brings the rotary frequencies, too. */
    private Copies ofSecondStep(int layers, int captions) throws IOException {
        Path folder = temp.resolve(layers + "-" + captions);
        try (TensorOps ops = Backends.open("nd4j", 1).ops()) {
            new TinyCheckpoint(true, 64, 64, layers, 2, 1, 32, 32, 2, 20, 128, 7).write(folder, List.of("a red circle"), ops);
            try (CausalLm policy = Models.load(folder, ops); AdamW optimizer = new AdamW(ops, policy.params(), AdamW.Settings.DEFAULT)) {
                PolicyUpdate update = new PolicyUpdate(ops, policy, null, optimizer,
                        new LearningRateSchedule(1e-3, 0, 100, LearningRateSchedule.Shape.CONSTANT),
                        new GrpoLoss(RatioLevel.TOKEN, new Clip(0.2, 0.2), KlPenalty.NONE, 0, LossAverage.DAPO),
                        new PolicyUpdate.Settings(1, 4096, Recompute.AUTO, 1f, 8, 0));
                update.step(List.of(group(policy, captions)));
                long in = ops.memory().copiesIn();
                long out = ops.memory().copiesOut();
                update.step(List.of(group(policy, captions)));
                return new Copies(ops.memory().copiesIn() - in, ops.memory().copiesOut() - out);
            }
        }
    }

    private static TrainingGroup group(CausalLm policy, int captions) {
        int[] ids = IntStream.concat(IntStream.range(0, 4).map(_ -> policy.imageToken()), IntStream.of(1, 2, 3)).toArray();
        Prompt prompt = new Prompt("image", ids, List.of(new ImageInput(new float[4 * 4 * 3 * 2 * 14 * 14], 1, 4, 4)));
        List<TrainingCaption> written = new ArrayList<>();
        for (int c = 0; c < captions; c++) {
            written.add(new TrainingCaption(IntStream.range(0, 3 + c).toArray(), null, c - 0.7f, false));
        }
        return new TrainingGroup(prompt, written);
    }
}
