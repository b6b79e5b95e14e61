package org.caprl.rollout.ray;

import io.ray.api.call.ActorCreator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What an actor takes of its node.
 *
 * @param cpus that Ray reserves; 0 for none
 * @param gpus that Ray reserves; 0 for none
 * @param memoryBytes that Ray reserves; 0 for none
 * @param jvmOptions of its process, after those of every actor
 */
public record ActorResources(double cpus, double gpus, long memoryBytes, List<String> jvmOptions) {
    /** The list is copied. */
    public ActorResources {
        jvmOptions = List.copyOf(jvmOptions);
    }

    /** {@code 2 CPUs, 0.5 GPUs, 4.0 GiB}. */
    @Override
    public String toString() {
        return text(cpus, gpus, memoryBytes);
    }

    /** An amount of each. */
    static String text(double cpus, double gpus, long memoryBytes) {
        return String.format(Locale.ROOT, "%s CPUs, %s GPUs, %.1f GiB", plain(cpus), plain(gpus), memoryBytes / (double) (1L << 30));
    }

    private static String plain(double amount) {
        return amount == Math.rint(amount) ? String.valueOf((long) amount) : String.valueOf(amount);
    }

    /** Asks for them. */
    public <A> ActorCreator<A> of(ActorCreator<A> creator) {
        List<String> options = new ArrayList<>();
        if (memoryBytes > 0 && jvmOptions.stream().noneMatch(option -> option.startsWith("-Xmx"))) {
            // Tensors lie outside the heap; what is on it are messages and images.
            options.add("-Xmx" + Math.max(256L << 20, memoryBytes / 2));
        }
        options.addAll(jvmOptions);
        creator.setMaxConcurrency(ServingActor.CALLS_AT_ONCE).setMaxRestarts(0).setResource("CPU", cpus);
        if (gpus > 0) {
            creator.setResource("GPU", gpus);
        }
        if (memoryBytes > 0) {
            creator.setResource("memory", (double) memoryBytes);
        }
        return options.isEmpty() ? creator : creator.setJvmOptions(options);
    }
}
