package org.caprl.trainer.config;

import org.caprl.core.config.Key;

/**
 * Where the parts of a run are placed.
 *
 * @param address of a Ray cluster, or none
 */
public record RaySection(
        @Key(doc = "`none` runs everything in this JVM, the one placement of this version.", defaultValue = "none", choices = "none")
        String address) {
}
