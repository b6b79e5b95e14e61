package org.caprl.trainer.config;

import org.caprl.core.config.Key;
import org.caprl.trainer.recipe.Overlap;

/**
 * Where the parts of a run are placed, and how far they work at the same time.
 *
 * @param address of a Ray cluster, or none
 * @param overlap of captions, rewards and updates
 * @param checkpoints how they reach the run's directory
 * @param rollout actors that write captions
 * @param reward actors that score them
 * @param trainer the actor that updates the policy
 * @param limits of every wait
 */
public record RaySection(
        @Key(doc = "`none` runs everything in this JVM; `auto` takes the cluster of the environment's RAY_ADDRESS, else the one of this "
                + "machine; `host:port` names one.", defaultValue = "none")
        String address,
        @Key(doc = "What happens at the same time: `none` writes all captions, then scores, then updates; `reward` scores captions while "
                + "others are still written, with the same numbers; `step` writes the next step's captions while this one's are scored and "
                + "trained on, so by weights one update older, except after a step with a checkpoint.", defaultValue = "none")
        Overlap overlap,
        @Key(doc = "`shared`: the trainer's machine sees the run's directory under the same path and writes checkpoints there; `fetched`: "
                + "the driver fetches them.", defaultValue = "shared")
        Checkpoints checkpoints,
        @Key(doc = "Actors that write captions.") RayActorsSection rollout,
        @Key(doc = "Actors that hold the answerer and score captions.") RayActorsSection reward,
        @Key(doc = "The one actor that holds policy and optimizer.") RayTrainerSection trainer,
        @Key(doc = "How long to wait for actors, and how often to try again.") RayLimitsSection limits) {
    /** Address of no cluster: all parts are in one JVM. */
    public static final String NOWHERE = "none";

    /** How checkpoints reach the run's directory. */
    public enum Checkpoints {
        /** Written where the trainer is. */
        SHARED,
        /** Brought to the driver. */
        FETCHED
    }

    /** @throws IllegalArgumentException if the address is none of the forms */
    public RaySection {
        if (!address.matches("none|auto|\\S+:[0-9]{1,5}")) {
            throw new IllegalArgumentException("address '" + address + "' is none of `none`, `auto` and `host:port`");
        }
    }
}
