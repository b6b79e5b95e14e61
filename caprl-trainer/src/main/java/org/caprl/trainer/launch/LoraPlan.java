package org.caprl.trainer.launch;

import java.util.Locale;
import org.caprl.core.nn.LoraSettings;
import org.caprl.core.nn.Params;

/** What a plan says about adapters. */
final class LoraPlan {
    private LoraPlan() {
    }

    static String line(Params params) {
        LoraSettings s = params.lora();
        return String.format(Locale.ROOT,
                "  adapters              rank %d on %d of %d linear layers: %,d parameters are trained, %,d are frozen", s.r(),
                params.adapterWeights().size() / 2, params.linearLayers().size(), params.trainableCount(), params.count());
    }
}
