package org.caprl.trainer.config;

import java.nio.file.Path;
import java.util.Optional;
import org.caprl.core.config.FileMustExist;
import org.caprl.core.config.Key;
import org.caprl.core.nn.WeightType;

/**
 * One frozen model that answers questions, in this JVM or elsewhere.
 *
 * @param path its folder
 * @param dtype of the weights in memory
 * @param template its user turn
 * @param remote where it is served
 */
public record OneAnswererSection(
        @Key(doc = "As `answerer.path`.") @FileMustExist Optional<Path> path,
        @Key(doc = "As `answerer.dtype`.", defaultValue = "float32") WeightType dtype,
        @Key(doc = "As `answerer.template`.", defaultValue = "default", mayBeFile = true) String template,
        @Key(doc = "As `answerer.remote`.") Optional<RemoteSection> remote) {
    /** @throws IllegalArgumentException unless the model is in exactly one place */
    public OneAnswererSection {
        requireOnePlace(path, remote);
    }

    static void requireOnePlace(Optional<Path> path, Optional<RemoteSection> remote) {
        if (path.isPresent() == remote.isPresent()) {
            throw new IllegalArgumentException("expected exactly one of path (a model in this JVM) and remote (one that is served "
                    + "elsewhere), got " + (path.isPresent() ? "both" : "neither"));
        }
    }
}
