package org.caprl.core.parity;

import org.caprl.core.autograd.Var;
import org.caprl.core.nn.Params;

/**
 * Parameters by the names that {@code transformers} gives them in memory ({@code model.visual.…}, {@code model.vision_tower.…},
 * {@code model.language_model.…}), which are not ours ({@code visual.…}, {@code vision_tower.…}, {@code model.…}).
 */
final class GoldenNames {
    private GoldenNames() {
    }

    /** The parameter of this name, or null. */
    static Var find(Params params, String golden) {
        Var exact = params.get(golden);
        if (exact != null) {
            return exact;
        }
        if (golden.startsWith("model.language_model.")) {
            return params.get("model." + golden.substring("model.language_model.".length()));
        }
        return golden.startsWith("model.") ? params.get(golden.substring("model.".length())) : null;
    }
}
