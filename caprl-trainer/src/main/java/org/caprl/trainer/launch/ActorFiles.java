package org.caprl.trainer.launch;

import java.nio.file.Files;
import java.nio.file.Path;
import org.caprl.core.InputException;

/** Files that must be on an actor's node. */
final class ActorFiles {
    private ActorFiles() {
    }

    /** @throws InputException if the folder is not on this node */
    static void requireFolder(Path folder, String key, String doing) {
        if (!Files.isDirectory(folder)) {
            throw new InputException(key + " " + folder + " is no folder on this node; every node that " + doing
                    + " needs it under the same path");
        }
    }
}
