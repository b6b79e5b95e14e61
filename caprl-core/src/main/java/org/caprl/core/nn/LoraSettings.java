package org.caprl.core.nn;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Low-rank adapters of a model (LoRA, arXiv 2106.09685; {@code LoraConfig} of peft).
 *
 * @param r rank, at least 1
 * @param alpha numerator of the scaling
 * @param dropout share of an adapter's inputs that is dropped in training, in [0, 1)
 * @param rslora scaling alpha / √r (rank-stabilised, arXiv 2312.03732) in place of alpha / r
 * @param targets names of linear layers, or the ends of their names after a dot, as in peft; {@code *} stands for any text
 * @param vision whether layers outside of the text decoder (vision tower, projector) may have adapters
 */
public record LoraSettings(int r, double alpha, double dropout, boolean rslora, List<String> targets, boolean vision) {
    private static final List<String> DECODERS = List.of("model.layers.", "language_model.model.layers.");

    /** @throws IllegalArgumentException if a number is out of its range or there is no target */
    public LoraSettings {
        if (r < 1) {
            throw new IllegalArgumentException("r is " + r + ", expected at least 1");
        }
        if (!(alpha > 0) || Double.isInfinite(alpha)) {
            throw new IllegalArgumentException("alpha is " + alpha + ", expected a number above 0");
        }
        if (!(dropout >= 0 && dropout < 1)) {
            throw new IllegalArgumentException("dropout is " + dropout + ", expected at least 0 and below 1");
        }
        targets = List.copyOf(targets);
        if (targets.isEmpty()) {
            throw new IllegalArgumentException("targets is empty, expected names of linear layers, such as [q_proj, v_proj], "
                    + "or ['*'] for all");
        }
    }

    /** Factor of B·A. */
    public float scaling() {
        return (float) (rslora ? alpha / Math.sqrt(r) : alpha / r);
    }

    /** Whether the linear layer of this name has an adapter. */
    public boolean adapts(String layer) {
        return (vision || inDecoder(layer)) && targets.stream().anyMatch(target -> matches(target, layer));
    }

    /** Whether a linear layer is one of the text decoder; the others are of the vision tower and its projector. */
    public static boolean inDecoder(String layer) {
        return DECODERS.stream().anyMatch(layer::startsWith);
    }

    /** Whether a target means this layer, wherever it is. */
    public static boolean matches(String target, String layer) {
        if (!target.contains("*")) {
            return layer.equals(target) || layer.endsWith("." + target);
        }
        String text = "(.*\\.)?" + Pattern.quote(target).replace("*", "\\E.*\\Q");
        return layer.matches(text);
    }
}
