package org.caprl.core.nn;

import org.caprl.core.tensor.DType;

/**
 * How a model holds its weights in memory. Computation is float32 either way.
 *
 * <p>Only matrices are ever bfloat16. Norm weights and biases, a thousandth of the bytes, stay float32.
 */
public enum WeightType {
    /** Four bytes a weight; what training needs, unless adapters alone are trained. */
    FLOAT32(DType.F32),
    /** Two bytes a weight of a matrix, rounded to nearest even: for frozen models and copies that only generate. */
    BFLOAT16(DType.BF16);

    private final DType matrices;

    WeightType(DType matrices) {
        this.matrices = matrices;
    }

    /** The element type of a weight of this shape. */
    public DType of(int... shape) {
        return shape.length > 1 ? matrices : DType.F32;
    }
}
