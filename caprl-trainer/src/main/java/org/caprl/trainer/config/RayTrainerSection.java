package org.caprl.trainer.config;

import java.util.List;
import org.caprl.core.config.Key;

/**
 * The trainer and what it takes of its machine.
 *
 * @param cpus reserved
 * @param gpus reserved
 * @param threads of the backend
 * @param memoryGib reserved
 * @param jvmOptions of the process
 */
public record RayTrainerSection(
        @Key(doc = "Processors that Ray reserves for it; 0 reserves none.", defaultValue = "0.0", min = 0) double cpus,
        @Key(doc = "GPUs that Ray reserves for it; 0 reserves none.", defaultValue = "0.0", min = 0) double gpus,
        @Key(doc = "Threads of its backend; 0 divides the cluster's processors among all actors.", defaultValue = "0", min = 0, max = 4096)
        int threads,
        @Key(doc = "Memory that Ray reserves for it, in GiB; 0 reserves none.", defaultValue = "0.0", min = 0) double memoryGib,
        @Key(doc = "More options for its JVM, such as -Xmx4g.", defaultValue = "[]") List<String> jvmOptions) {
}
