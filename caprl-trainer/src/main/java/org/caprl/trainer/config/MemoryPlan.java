package org.caprl.trainer.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * An estimate, by role, of the native memory of a run in this JVM, in bytes. All tensors are float32.
 *
 * <p>Activations: what the tape keeps of a decoder layer for one token is about 7 rows of the hidden width (both norms' inputs and
 * outputs, query, attention output, residual), 2 of the key-value width and 3 of the inner
 * width. The vision tower's are left out: they depend on the images.
 *
 * @param lines role and bytes
 */
public record MemoryPlan(List<Line> lines) {
    private static final long FLOAT = Float.BYTES;

    /**
     * One role.
     *
     * @param role owner of the memory
     * @param bytes of it
     * @param why how the number comes about
     */
    public record Line(String role, long bytes, String why) {
    }

    /** Keeps an unmodifiable copy. */
    public MemoryPlan {
        lines = List.copyOf(lines);
    }

    /**
     * The estimate of a training run.
     *
     * @param kvTokens tokens that the policy's KV cache holds
     */
    public static MemoryPlan of(RunConfig config, BatchPlan plan, int kvTokens, ModelSize policy, ModelSize answerer) {
        List<Line> lines = new ArrayList<>();
        long weights = FLOAT * policy.params();
        lines.add(new Line("policy weights", weights, String.format(Locale.ROOT, "%,d parameters", policy.params())));
        lines.add(new Line("policy gradients", weights, "one a parameter"));
        lines.add(new Line("optimizer", 2 * weights, "AdamW: two means a parameter"));
        if (config.trainer().loss().klWeight() > 0) {
            lines.add(new Line("reference weights", weights, "trainer.loss.kl_weight is not 0"));
        }
        long tokens = plan.groupTokens();
        long layer = layerFloats(policy);
        long floats = plan.recomputes() ? (long) policy.layers() * policy.hidden() + layer : policy.layers() * layer;
        lines.add(new Line("policy activations", tokens * floats * FLOAT,
                String.format(Locale.ROOT, "%,d tokens, vision tower not counted", tokens)));
        lines.add(new Line("policy KV pages", kvTokens * kvBytes(policy), String.format(Locale.ROOT, "%,d tokens", kvTokens)));
        lines.add(new Line("answerer weights", FLOAT * answerer.params(), String.format(Locale.ROOT, "%,d parameters", answerer.params())));
        return new MemoryPlan(lines);
    }

    private static long layerFloats(ModelSize model) {
        return 7L * model.hidden() + 2L * model.kvWidth() + 3L * model.inner();
    }

    /** Keys and values of one token in all layers. */
    private static long kvBytes(ModelSize model) {
        return 2L * model.layers() * model.kvWidth() * FLOAT;
    }

    /** All roles together. */
    public long bytes() {
        return lines.stream().mapToLong(Line::bytes).sum();
    }

    /** The estimate as aligned lines, for the terminal and the log. */
    public String text() {
        StringBuilder text = new StringBuilder();
        lines.forEach(l -> text.append("  %-22s%10s  %s%n".formatted(l.role(), size(l.bytes()), l.why())));
        return text.append("  %-22s%10s%n".formatted("together, about", size(bytes()))).toString();
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
