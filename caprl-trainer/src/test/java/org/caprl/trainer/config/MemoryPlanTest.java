package org.caprl.trainer.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MemoryPlanTest {
    private static final DataSize DATA = new DataSize(100, 30, 40);
    private static final ModelSize POLICY = new ModelSize(1_000_000, 4, 128, 256, 64, 1000);
    private static final ModelSize ANSWERER = new ModelSize(500_000, 2, 128, 256, 64, 1000);

    @TempDir
    Path folder;

    private MemoryPlan plan(String... overrides) throws IOException {
        RunConfig config = Configs.run(folder, overrides);
        return MemoryPlan.of(config, BatchPlan.of(config, DATA), 77, POLICY, ANSWERER);
    }

    private Map<String, Long> roles(String... overrides) throws IOException {
        return plan(overrides).lines().stream().collect(Collectors.toMap(MemoryPlan.Line::role, MemoryPlan.Line::bytes));
    }

    @Test
    void weightsGradientsAndTheOptimizerGoByParameters() throws IOException {
        Map<String, Long> roles = roles();
        assertEquals(4_000_000, roles.get("policy weights"));
        assertEquals(4_000_000, roles.get("policy gradients"));
        assertEquals(8_000_000, roles.get("optimizer"));
        assertEquals(2_000_000, roles.get("answerer weights"));
        assertEquals(roles.values().stream().mapToLong(Long::longValue).sum(), plan().bytes());
    }

    @Test
    void aReferenceIsKeptOnlyForItsDivergence() throws IOException {
        assertFalse(roles().containsKey("reference weights"));
        assertEquals(4_000_000, roles("trainer.loss.kl_weight=0.1").get("reference weights"));
    }

    @Test
    void activationsAreThoseOfAGroup() throws IOException {
        long layer = (7 * 128 + 2 * 64 + 3 * 256) * 4;
        assertEquals(200 * 4 * layer, roles("trainer.micro_batch_tokens=200").get("policy activations"));
        assertEquals(200 * (4 * 128 * 4 + layer), roles("trainer.micro_batch_tokens=199").get("policy activations"));
    }

    @Test
    void pagesGoByTheTokensOfTheCache() throws IOException {
        assertEquals(77 * 2L * 4 * 64 * 4, roles().get("policy KV pages"));
    }

    @Test
    void bytesAreReadable() throws IOException {
        assertEquals("1023 B", MemoryPlan.size(1023));
        assertEquals("1.0 KiB", MemoryPlan.size(1024));
        assertEquals("1.5 GiB", MemoryPlan.size(3L << 29));
        assertTrue(plan().text().contains("3.8 MiB  1,000,000 parameters"), plan().text());
    }
}
