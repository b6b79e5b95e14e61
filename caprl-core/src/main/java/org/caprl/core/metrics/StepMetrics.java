package org.caprl.core.metrics;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;

/**
 * The numbers of one step, in the order in which they were put.
 *
 * @param step 0 before training, then 1, 2, …
 * @param values by key; NaN where a value is not defined
 */
public record StepMetrics(int step, Map<MetricKey, Double> values) {
    private static final JsonMapper JSON = new JsonMapper();

    /** The numbers of a step; the map is copied. */
    public StepMetrics {
        if (step < 0) {
            throw new IllegalArgumentException("steps count from 0, got " + step);
        }
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /** Starts collecting the numbers of a step. */
    public static Builder at(int step) {
        return new Builder(step);
    }

    /** The value of a key; empty if the step does not have it, NaN if it has it without a value. */
    public OptionalDouble get(MetricKey key) {
        Double value = values.get(key);
        return value == null ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    /** What equal runs have in common: all keys but {@code time/}, {@code speed/} and {@code memory/}. */
    public StepMetrics repeatable() {
        Map<MetricKey, Double> kept = new LinkedHashMap<>(values);
        kept.keySet().removeIf(key -> !key.repeats());
        return new StepMetrics(step, kept);
    }

    /** One JSON object without a line break. JSON has no NaN and no infinities: they become null. */
    String json() {
        ObjectNode node = JSON.createObjectNode().put("step", step);
        values.forEach((key, value) -> {
            if (!Double.isFinite(value)) {
                node.putNull(key.name());
            } else if (key.counts()) {
                node.put(key.name(), value.longValue());
            } else {
                node.put(key.name(), value);
            }
        });
        return node.toString();
    }

    /** Collects the numbers of a step. */
    public static final class Builder {
        private final int step;
        private final Map<MetricKey, Double> values = new LinkedHashMap<>();

        private Builder(int step) {
            this.step = step;
        }

        /**
         * Sets a number.
         *
         * @throws IllegalArgumentException if the key has one, or counts and this is no whole number
         */
        public Builder put(MetricKey key, double value) {
            if (values.containsKey(key)) {
                throw new IllegalArgumentException("step " + step + " already has " + key);
            }
            return set(key, value);
        }

        /** Adds to a number that starts at 0: a stage that comes several times in a step. */
        public Builder add(MetricKey key, double value) {
            return set(key, values.getOrDefault(key, 0.0) + value);
        }

        private Builder set(MetricKey key, double value) {
            if (key.counts() && Double.isFinite(value) && value != Math.rint(value)) {
                throw new IllegalArgumentException(key + " counts, but got " + value);
            }
            values.put(key, value);
            return this;
        }

        /** Sets every number of {@code other}, as {@link #put} does. */
        public Builder putAll(Map<MetricKey, Double> other) {
            other.forEach(this::put);
            return this;
        }

        /** Runs a stage and adds its seconds to {@link MetricKey#time}, also when it fails. */
        public <T> T timed(String stage, Supplier<T> work) {
            MetricKey key = MetricKey.time(stage);
            long start = System.nanoTime();
            try {
                return work.get();
            } finally {
                add(key, (System.nanoTime() - start) / 1e9);
            }
        }

        /** {@link #timed(String, Supplier)} of work without a result. */
        public void timed(String stage, Runnable work) {
            timed(stage, () -> {
                work.run();
                return null;
            });
        }

        /** The numbers so far. */
        public StepMetrics build() {
            return new StepMetrics(step, values);
        }
    }
}
