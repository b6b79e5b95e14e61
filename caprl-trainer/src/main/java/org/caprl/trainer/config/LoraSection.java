package org.caprl.trainer.config;

import java.util.List;
import org.caprl.core.config.Key;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.LoraSettings;

/**
 * Low-rank adapters, which are trained in place of the model's weights (LoRA, arXiv 2106.09685).
 *
 * @param r rank
 * @param alpha numerator of the scaling
 * @param dropout of the adapters' inputs
 * @param rslora rank-stabilised scaling
 * @param targets which linear layers
 * @param vision whether those of the vision tower too
 */
public record LoraSection(
        @Key(doc = "Rank of the adapters.", defaultValue = "16", min = 1) int r,
        @Key(doc = "An adapter's part is multiplied by `alpha / r`.", defaultValue = "32", exclusiveMin = 0) double alpha,
        @Key(doc = "Share of each adapter's inputs that is dropped in training, drawn by the seed: the same in any micro-batch. Captions "
                + "are written without it, so above 0 `logprob_gap` is not 0.", defaultValue = "0.0", min = 0, exclusiveMax = 1)
        double dropout,
        @Key(doc = "Multiply by `alpha / √r` instead (arXiv 2312.03732).", defaultValue = "false") boolean rslora,
        @Key(doc = "Linear layers that get an adapter: names, or their ends after a dot (`q_proj`, `layers.0.mlp.up_proj`); `*` stands for "
                + "any text.", defaultValue = "['*']") List<String> targets,
        @Key(doc = "Layers of the vision tower and its projector too; without it they stay frozen.", defaultValue = "false")
        boolean vision) {
    /** @throws IllegalArgumentException if there is no target */
    public LoraSection {
        new LoraSettings(r, alpha, dropout, rslora, targets, vision);
    }

    /** New adapters with these settings. */
    public Adapters fresh(long seed) {
        return Adapters.fresh(new LoraSettings(r, alpha, dropout, rslora, targets, vision), seed);
    }
}
