package org.caprl.trainer.config;

import java.nio.file.Path;
import org.caprl.core.config.Key;

/**
 * Where a run's results go: {@code output/name/}.
 *
 * @param output folder that holds runs
 * @param name of this run
 */
public record RunSection(
        @Key(doc = "Folder that holds runs.", defaultValue = "runs") Path output,
        @Key(doc = "This run's folder inside `run.output`. Starting the same name again continues the run.") String name) {
    /** @throws IllegalArgumentException if the name can't be a folder's */
    public RunSection {
        if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            throw new IllegalArgumentException("name '" + name + "' can't be a folder's name;"
                    + " use letters, digits, '.', '_' and '-', no '/' or blank");
        }
    }

    /** The run's folder. */
    public Path directory() {
        return output.resolve(name);
    }
}
