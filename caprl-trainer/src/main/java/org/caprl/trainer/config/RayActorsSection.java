package org.caprl.trainer.config;

import java.util.List;
import org.caprl.core.config.Key;

/**
 * Actors of one kind and what each takes of its machine.
 *
 * @param actors number of them
 * @param cpus reserved for each
 * @param gpus reserved for each
 * @param threads of each backend
 * @param memoryGib reserved for each
 * @param jvmOptions of each process
 */
public record RayActorsSection(
        @Key(doc = "Number of actors.", defaultValue = "1", min = 1) int actors,
        @Key(doc = "Processors that Ray reserves for each; 0 reserves none.", defaultValue = "0.0", min = 0) double cpus,
        @Key(doc = "GPUs that Ray reserves for each; 0 reserves none.", defaultValue = "0.0", min = 0) double gpus,
        @Key(doc = "Threads of the backend of each; 0 divides the cluster's processors among all actors.", defaultValue = "0", min = 0,
                max = 4096) int threads,
        @Key(doc = "Memory that Ray reserves for each, in GiB; 0 reserves none.", defaultValue = "0.0", min = 0) double memoryGib,
        @Key(doc = "More options for each JVM, such as -Xmx4g.", defaultValue = "[]") List<String> jvmOptions) {
}
