package org.caprl.core.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class MetricKeyTest {
    @Test
    void theNamesThatScriptsRelyOn() {
        assertEquals(List.of("reward/mean", "reward/std", "reward/qa", "reward/length", "eval/qa_accuracy", "eval/facts_true",
                "eval/facts_false", "loss/total", "loss/kl", "loss/clip_share", "policy/entropy", "policy/grad_norm", "policy/lr",
                "logprob_gap/max", "logprob_gap/mean", "caption/tokens_mean", "caption/finished_share", "group/dropped",
                "count/prefill_tokens", "count/image_encodes", "count/decode_steps", "count/unmatched_questions"),
                MetricKey.CONSTANTS.stream().map(MetricKey::name).toList());
        assertEquals("reward/judge", MetricKey.reward("judge").name());
        assertEquals(MetricKey.REWARD_QA, MetricKey.reward("qa"));
        assertEquals("time/rollout", MetricKey.time("rollout").name());
        assertEquals("speed/decode_tokens", MetricKey.speed("decode_tokens").name());
        assertEquals("memory/policy", MetricKey.memory("policy").name());
    }

    @Test
    void onlyOneKeyHoldsEvalAndAcc() {
        assertEquals(List.of(MetricKey.EVAL_QA_ACCURACY),
                MetricKey.CONSTANTS.stream().filter(k -> k.name().contains("eval") && k.name().contains("acc")).toList());
    }

    @Test
    void aNameIsAKeyOrNot() {
        assertEquals(Optional.of(MetricKey.LOSS_KL), MetricKey.named("loss/kl"));
        assertEquals(Optional.of(MetricKey.time("update")), MetricKey.named("time/update"));
        for (String name : List.of("loss/kll", "time/", "time/two words", "reward", "eval/other")) {
            assertEquals(Optional.empty(), MetricKey.named(name), name);
        }
        assertThrows(IllegalArgumentException.class, () -> MetricKey.time("Roll out"));
    }

    @Test
    void timesSpeedsAndMemoryDifferBetweenEqualRuns() {
        assertTrue(MetricKey.CONSTANTS.stream().allMatch(MetricKey::repeats));
        assertTrue(MetricKey.reward("judge").repeats());
        assertFalse(MetricKey.time("rollout").repeats() || MetricKey.speed("tokens").repeats() || MetricKey.memory("tape").repeats());
    }
}
