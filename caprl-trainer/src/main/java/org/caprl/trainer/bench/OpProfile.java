package org.caprl.trainer.bench;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Where time went, by operation of the waist, as the calling thread saw it: what a team of threads waits for is part of the operation.
 *
 * @param seconds of one repetition
 * @param shares of the time, by part; {@code outside} is what no operation took
 * @param productGflops 10⁹ multiplications and additions a second within matrix products
 * @param operations each that occurred
 */
public record OpProfile(double seconds, Map<String, Double> shares, double productGflops, Map<String, Operation> operations) {
    private static final String OUTSIDE = "outside";

    /**
     * One operation, in one repetition.
     *
     * @param calls how often
     * @param seconds in it
     */
    public record Operation(double calls, double seconds) {
    }

    /** Parts of the engine. */
    enum Part {
        PRODUCTS, ATTENTION, NORMS_AND_ACTIVATIONS, ROWS, HEAD, SAMPLING, OPTIMIZER
    }

    static OpProfile of(double seconds, Map<TimedOps.Op, Operation> operations, double productFlops) {
        Map<Part, Double> parts = new EnumMap<>(Part.class);
        Map<String, Operation> byName = new LinkedHashMap<>();
        double inside = 0;
        for (Map.Entry<TimedOps.Op, Operation> entry : operations.entrySet()) {
            parts.merge(entry.getKey().part, entry.getValue().seconds(), Double::sum);
            byName.put(entry.getKey().name().toLowerCase(Locale.ROOT), entry.getValue());
            inside += entry.getValue().seconds();
        }
        Map<String, Double> shares = new LinkedHashMap<>();
        parts.forEach((part, s) -> shares.put(part.name().toLowerCase(Locale.ROOT), s / seconds));
        shares.put(OUTSIDE, (seconds - inside) / seconds);
        return new OpProfile(seconds, shares, productFlops / parts.getOrDefault(Part.PRODUCTS, Double.NaN) / 1e9, byName);
    }
}
