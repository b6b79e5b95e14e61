package org.caprl.trainer.config;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.MemoryOwner;

/**
 * The native memory that a run will need in this JVM, in bytes.
 *
 * @param owners the most that each owner has at a time; they have it at different times
 * @param peak the most that all have together at a time
 */
public record MemoryPlan(Map<MemoryOwner, Long> owners, long peak) {
    /** Keeps an unmodifiable copy. */
    public MemoryPlan {
        owners = Map.copyOf(owners);
    }

    /** The peaks of a memory since they were last reset. */
    public static MemoryPlan of(Memory memory) {
        Map<MemoryOwner, Long> owners = new EnumMap<>(MemoryOwner.class);
        for (MemoryOwner owner : MemoryOwner.values()) {
            owners.put(owner, memory.peakBytes(owner));
        }
        return new MemoryPlan(owners, memory.peakBytes());
    }

    /** The most that one owner has. */
    public long of(MemoryOwner owner) {
        return owners.get(owner);
    }

    /** The plan as aligned lines, for the terminal and the log. */
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "weights", of(MemoryOwner.WEIGHTS), "policy, answerer and, with a KL term and without adapters, the reference");
        line(text, "gradients", of(MemoryOwner.GRADIENTS), "one a trained parameter");
        line(text, "optimizer", of(MemoryOwner.OPTIMIZER), "AdamW: two means a trained parameter");
        line(text, "activations", of(MemoryOwner.ACTIVATIONS), "of the largest group, from forward to backward");
        line(text, "KV pages", of(MemoryOwner.KV_PAGES), "of policy and answerer");
        line(text, "workspace", of(MemoryOwner.WORKSPACE), "generation, packed weights, logits");
        line(text, "together, about", peak, "at a time, beside the Java heap");
        return text.toString();
    }

    private static void line(StringBuilder text, String name, long bytes, String why) {
        text.append("  %-22s%10s  %s%n".formatted(name, size(bytes), why));
    }

    /** {@code 512 B}, {@code 1.5 MiB}. */
    static String size(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        int power = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
        return String.format(Locale.ROOT, "%.1f %siB", bytes / Math.pow(1024, power), "KMGTPE".charAt(power - 1));
    }
}
