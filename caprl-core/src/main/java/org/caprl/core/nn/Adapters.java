package org.caprl.core.nn;

/**
 * Which adapters a model is built with.
 *
 * @param settings rank, scaling, which layers
 * @param weights fills {@code LAYER.lora_A.weight} [r, in] and {@code LAYER.lora_B.weight} [out, r], float32
 */
public record Adapters(LoraSettings settings, WeightSource weights) {
    /** Name of a layer's A. */
    public static String nameOfA(String layer) {
        return layer + ".lora_A.weight";
    }

    /** Name of a layer's B. */
    public static String nameOfB(String layer) {
        return layer + ".lora_B.weight";
    }

    /** New adapters, which change nothing yet. */
    public static Adapters fresh(LoraSettings settings, long seed) {
        return new Adapters(settings, new FreshAdapters(seed));
    }
}
