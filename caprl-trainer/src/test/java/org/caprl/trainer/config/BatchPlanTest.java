package org.caprl.trainer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchPlanTest {
    private static final DataSize DATA = new DataSize(100, 30, 40);

    @TempDir
    Path folder;

    private BatchPlan plan(String... overrides) throws IOException {
        return BatchPlan.of(Configs.run(folder, overrides), DATA);
    }

    @Test
    void theWorkedExample() throws IOException {
        BatchPlan plan = plan("trainer.updates_per_step=3");
        assertEquals(80, plan.captionsPerStep());
        assertEquals(200, plan.groupTokens());
        assertEquals(List.of(3, 3, 4), plan.groupsPerUpdate());
        assertEquals(400, plan.prefillTokensPerStep());
        assertEquals(1600, plan.newTokensPerStep());
        assertEquals(2000, plan.trainTokensPerStep());
        assertEquals(640, plan.questionsPerStep());
        assertEquals(2.5, plan.epochs());
    }

    @ParameterizedTest
    @CsvSource({"200, auto, false", "199, auto, true", "1, none, false", "100000, blocks, true"})
    void groupsAboveTheLimitAreRecomputed(int limit, String recompute, boolean again) throws IOException {
        assertEquals(again, plan("trainer.micro_batch_tokens=" + limit, "trainer.recompute=" + recompute).recomputes());
    }

    @Test
    void anyNumberOfUpdatesTakesAnyNumberOfGroups() throws IOException {
        for (int groups = 1; groups <= 12; groups++) {
            for (int updates = 1; updates <= groups; updates++) {
                List<Integer> parts = plan("trainer.prompts_per_step=" + groups, "trainer.updates_per_step=" + updates).groupsPerUpdate();
                assertEquals(updates, parts.size());
                assertEquals(groups, parts.stream().mapToInt(i -> i).sum());
                assertTrue(Collections.max(parts) - Collections.min(parts) <= 1, parts.toString());
            }
        }
    }

    @Test
    void evaluationsAreBeforeAtIntervalsAndAfter() throws IOException {
        assertEquals(List.of(0, 10, 20, 25), plan("trainer.eval_every=10").evaluations());
        assertEquals(List.of(0, 25), plan().evaluations());
        assertEquals(List.of(5, 10, 15, 20, 25), plan("trainer.save_every=5").checkpoints());
        assertEquals(List.of(25), plan("trainer.save_every=100").checkpoints());
    }

    @Test
    void anEvaluationTakesNoMoreRowsThanThereAre() throws IOException {
        assertEquals(30, plan().evalImages());
        assertEquals(12, plan("eval.images=12").evalImages());
        assertEquals(30, plan("eval.images=1000").evalImages());
    }

    @Test
    void largeRunsDoNotOverflow() throws IOException {
        BatchPlan plan = BatchPlan.of(Configs.run(folder, "trainer.prompts_per_step=1000000", "rollout.max_new_tokens=32768",
                "rollout.captions_per_prompt=64"), DATA);
        assertEquals(1_000_000L * 64 * 32768, plan.newTokensPerStep());
        assertEquals(1_000_000L * 64 * 8, plan.questionsPerStep());
    }

    @Test
    void theTextNamesEveryNumber() throws IOException {
        String text = plan("trainer.updates_per_step=3", "trainer.micro_batch_tokens=100", "trainer.eval_every=10").text();
        for (String part : List.of("25, 2.50 passes", "80 (10 images, 8 captions each)", "400 prompt tokens", "1,600 new tokens", "640",
                "3 of 3 or 4 groups", "at most 200 tokens, computed at once, its blocks again in backward",
                "2,000 tokens forward", "30 images before training and after step 10, 20, 25")) {
            assertTrue(text.contains(part), part + " in\n" + text);
        }
        assertEquals(9, text.lines().count());
    }

    @Test
    void aLongListIsShownByItsEnds() throws IOException {
        assertTrue(plan("trainer.eval_every=1").text().contains("after step 1, 2, … 25 (25 times)"));
        assertEquals(IntStream.rangeClosed(0, 25).boxed().toList(), plan("trainer.eval_every=1").evaluations());
    }
}
