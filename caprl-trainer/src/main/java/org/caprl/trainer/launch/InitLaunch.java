package org.caprl.trainer.launch;

import java.io.IOException;
import java.nio.file.Path;
import org.caprl.core.checkpoint.DiskFailure;
import org.caprl.core.data.synth.WorldTexts;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;

/** A small checkpoint with random weights and a tokenizer trained on texts of the synthetic world. */
public final class InitLaunch {
    private InitLaunch() {
    }

    /** Writes the folder, whole or not at all. */
    public static void run(TinyCheckpoint shape, Path out) {
        try (TensorOps ops = Backends.open("reference", 1).ops()) {
            shape.write(out, WorldTexts.all(), ops);
        } catch (IOException e) {
            throw DiskFailure.writing(out, e);
        }
    }
}
