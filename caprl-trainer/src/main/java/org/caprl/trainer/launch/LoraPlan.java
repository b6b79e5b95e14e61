package org.caprl.trainer.launch;

import java.util.Locale;
import java.util.Optional;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.nn.Adapters;
import org.caprl.core.nn.LoraSettings;
import org.caprl.core.nn.Params;
import org.caprl.core.tensor.DryOps;
import org.caprl.trainer.config.RunConfig;

/** What a plan says about adapters. */
final class LoraPlan {
    private LoraPlan() {
    }

    /** The line of a run, by its policy's config.json; nothing where no adapters are trained. */
    static Optional<String> line(RunConfig config) {
        Adapters adapters = LocalParts.adapters(config);
        if (adapters == null) {
            return Optional.empty();
        }
        try (DryOps ops = new DryOps();
                CausalLm outline = Models.outline(config.policy().path(), ops, LocalParts.trainedType(config), adapters)) {
            return Optional.of(line(outline.params()));
        }
    }

    static String line(Params params) {
        LoraSettings s = params.lora();
        return String.format(Locale.ROOT,
                "  adapters              rank %d on %d of %d linear layers: %,d parameters are trained, %,d are frozen", s.r(),
                params.adapterWeights().size() / 2, params.linearLayers().size(), params.trainableCount(), params.count());
    }
}
