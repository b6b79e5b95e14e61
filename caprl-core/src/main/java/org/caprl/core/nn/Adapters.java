package org.caprl.core.nn;

import java.util.function.Predicate;

/**
 * Which adapters a model is built with.
 *
 * @param settings rank, scaling, dropout
 * @param layers whether the linear layer of this name has one
 * @param weights fills {@code LAYER.lora_A.weight} [r, in] and {@code LAYER.lora_B.weight} [out, r], float32
 */
public record Adapters(LoraSettings settings, Predicate<String> layers, WeightSource weights) {
    /** Ends the name of a layer's A. */
    public static final String A = ".lora_A.weight";
    /** Ends the name of a layer's B. */
    public static final String B = ".lora_B.weight";

    /** Name of a layer's A. */
    public static String nameOfA(String layer) {
        return layer + A;
    }

    /** Name of a layer's B. */
    public static String nameOfB(String layer) {
        return layer + B;
    }

    /** The layer of an adapter's weight. */
    public static String layerOf(String weight) {
        return weight.substring(0, weight.length() - A.length());
    }

    /** New adapters, which change nothing yet. */
    public static Adapters fresh(LoraSettings settings, long seed) {
        return new Adapters(settings, settings::adapts, new FreshAdapters(seed));
    }
}
