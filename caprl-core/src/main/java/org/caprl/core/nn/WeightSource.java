package org.caprl.core.nn;

import org.caprl.core.tensor.Tensor;

/** Fills weights when a model is built: from a checkpoint, or at random. */
public interface WeightSource {
    /**
     * Writes the weight's values.
     *
     * @param name Hugging Face name
     * @param target float32 or bfloat16 (rounded to nearest even), of the shape that the model's config implies
     * @throws org.caprl.core.InputException when the weight is missing or has another shape
     */
    void fill(String name, Tensor target);

    /** Whether there is such a weight. */
    boolean has(String name);
}
