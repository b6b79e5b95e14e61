package org.caprl.core.parity;

import java.util.Objects;
import java.util.stream.Stream;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.Params;

/**
 * Parameters by the names that {@code transformers} gives them in memory ({@code model.visual.…}, {@code model.vision_tower.…},
 * {@code model.language_model.…}), which are not ours ({@code visual.…}, {@code vision_tower.…}, {@code model.…} or
 * {@code language_model.model.…}).
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
        String text = golden.replaceFirst("^model\\.language_model\\.", "model.");
        return Stream.of(text, "language_model." + text, golden.replaceFirst("^model\\.", "")).map(params::get).filter(Objects::nonNull)
                .findFirst().orElse(null);
    }
}
