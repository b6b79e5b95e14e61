package org.caprl.trainer.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.caprl.core.InputException;
import org.caprl.core.generate.GeneratorLimits;
import org.caprl.trainer.config.Configs;
import org.caprl.trainer.recipe.PromptLengths;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorsTest {
    private static final PromptLengths TRAIN = new PromptLengths(100, 4000, 90);

    @TempDir
    Path folder;

    /** 10 prompts of 8 captions with 20 tokens. */
    private GeneratorLimits room(PromptLengths held, String... overrides) throws IOException {
        return Generators.rollout(Configs.run(folder, overrides), TRAIN, held);
    }

    @Test
    void roomIsForTheLongestPromptOfWhateverRunsAtOnce() throws IOException {
        PromptLengths few = new PromptLengths(3, 60, 20);
        GeneratorLimits step = room(few, "rollout.max_rows=1000");
        assertEquals(80, step.decodeRows());
        assertEquals((80 / 8 + 2) * 96 + 80 * 32, step.kvRows());
        assertEquals((16 / 8 + 2) * 96 + 16 * 32, room(few, "rollout.max_rows=16").kvRows());
        GeneratorLimits evaluation = room(new PromptLengths(200, 9000, 150), "rollout.max_rows=100");
        assertEquals(100, evaluation.decodeRows());
        assertEquals((100 + 2) * 160 + 100 * 32, evaluation.kvRows());
    }

    @Test
    void aCacheThatIsTooSmallForTheLongestPromptIsSaidBeforeTheRun() throws IOException {
        assertEquals(128, room(new PromptLengths(3, 60, 20), "rollout.kv_rows=128").kvRows());
        String message = assertThrows(InputException.class, () -> room(TRAIN, "rollout.kv_rows=127")).getMessage();
        assertTrue(message.contains("rollout.kv_rows is 127") && message.contains("90 tokens") && message.contains("128"), message);
    }
}
