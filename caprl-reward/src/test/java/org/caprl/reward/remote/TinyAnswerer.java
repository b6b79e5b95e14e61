package org.caprl.reward.remote;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.data.synth.WorldTexts;
import org.caprl.core.model.load.TinyCheckpoint;
import org.caprl.core.tensor.TensorOps;

/** A tiny random answerer in whose vocabulary each letter with the space before it is one token, as in those of real models. */
public final class TinyAnswerer {
    private TinyAnswerer() {
    }

    /** Writes it to a folder. */
    public static void write(Path folder, TensorOps ops) throws IOException {
        List<String> letters = "ABCDEF".chars().mapToObj(c -> "The answer is " + (char) c).toList();
        List<String> texts = Stream.concat(WorldTexts.all().stream().limit(600),
                Collections.nCopies(500, letters).stream().flatMap(List::stream)).toList();
        new TinyCheckpoint(false, 32, 32, 1, 1, 1, 32, 32, 1, 150, 1024, 8).write(folder, texts, ops);
    }
}
