package org.caprl.core.kernels.nd4j;

import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.blas.params.MMulTranspose;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.reduce.Mmul;
import org.nd4j.linalg.api.ops.impl.transforms.floating.RSqrt;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Log;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.factory.Nd4j;

/** Tensors as ND4J arrays, and the operations of ND4J that its array class has no method for. */
final class Nd {
    private Nd() {
    }

    // ---- views ----------------------------------------------------------------------------------------------------------

    /** The tensor as an array of its shape; kept with the tensor. */
    static INDArray of(Tensor t) {
        if (t.derived() instanceof INDArray known) {
            return known;
        }
        long[] shape = new long[t.rank()];
        for (int axis = 0; axis < shape.length; axis++) {
            shape[axis] = t.dim(axis);
        }
        INDArray array = as(t, shape);
        t.derive(array);
        return array;
    }

    /** The tensor as a dense array of another shape. */
    static INDArray as(Tensor t, long... shape) {
        return ((Nd4jStorage) t.storage()).array(t.offset(), shape);
    }

    /** A vector as one row, [1, n]. */
    static INDArray row(Tensor t) {
        return as(t, 1, t.size());
    }

    /** A vector as one column, [n, 1]. */
    static INDArray column(Tensor t) {
        return as(t, t.size(), 1);
    }

    /** Column {@code j} of a matrix, [rows, 1]. */
    static INDArray column(Tensor t, int j) {
        return strided(t, j, new long[] {t.dim(0), 1}, new long[] {t.dim(1), 1});
    }

    /** Elements of the tensor from {@code offset} on, by strides. */
    static INDArray strided(Tensor t, long offset, long[] shape, long[] strides) {
        return ((Nd4jStorage) t.storage()).strided(t.offset() + offset, shape, strides);
    }

    /** The tensor as float32: itself, or a widened copy. */
    static INDArray floats(Tensor t) {
        return t.dtype() == DType.F32 ? of(t) : of(t).castTo(DataType.FLOAT);
    }

    /** An uninitialised float32 array. */
    static INDArray empty(long... shape) {
        return Nd4j.createUninitialized(DataType.FLOAT, shape);
    }

    /** All elements as a vector; the array must be dense. */
    static INDArray flat(INDArray x) {
        return x.reshape(x.length());
    }

    // ---- operations -----------------------------------------------------------------------------------------------------

    /** c = alpha · a · b + beta · c over the last two axes, the others alike; a or b transposed in these two when asked. */
    static void mmul(INDArray a, boolean transposeA, INDArray b, boolean transposeB, double alpha, double beta, INDArray c) {
        MMulTranspose transpose = MMulTranspose.builder().transposeA(transposeA).transposeB(transposeB).build();
        Nd4j.exec(new Mmul(a, b, c, alpha, beta, transpose));
    }

    /** x becomes exp(x). */
    static INDArray exp(INDArray x) {
        Nd4j.exec(new Exp(x, x));
        return x;
    }

    /** x becomes log(x). */
    static INDArray log(INDArray x) {
        Nd4j.exec(new Log(x, x));
        return x;
    }

    /** x becomes 1/√x. */
    static INDArray inverseRoot(INDArray x) {
        Nd4j.exec(new RSqrt(x, x));
        return x;
    }

    /** y = 1 / (1 + exp(-x)). */
    static INDArray sigmoid(INDArray x, INDArray y) {
        Nd4j.exec(new Sigmoid(x, y));
        return y;
    }

    /** y[i] = x[index[i]] along the first axis. */
    static INDArray gather(INDArray x, INDArray index, INDArray y) {
        Nd4j.exec(DynamicCustomOp.builder("gather").addInputs(x, index).addOutputs(y).addIntegerArguments(0).build());
        return y;
    }

    /** y[index[i]] = x[i]; equal indices must come with equal rows. */
    static void scatter(INDArray y, INDArray index, INDArray x) {
        Nd4j.exec(DynamicCustomOp.builder("scatter_upd").addInputs(y, index, x).callInplace(true).build());
    }

    /** y[index[i]] += x[i], one after the other, so that equal indices add up in order. */
    static void scatterAdd(INDArray y, INDArray index, INDArray x) {
        Nd4j.exec(DynamicCustomOp.builder("scatter_add").addInputs(y, index, x).callInplace(true).addBooleanArguments(true).build());
    }

    /** Running sums along the rows of a matrix, each with its own element or without it. */
    static INDArray runningSum(INDArray x, boolean exclusive) {
        INDArray y = Nd4j.createUninitialized(x.dataType(), x.shape());
        Nd4j.exec(DynamicCustomOp.builder("cumsum").addInputs(x).addOutputs(y).addIntegerArguments(exclusive ? 1 : 0, 0, 1).build());
        return y;
    }

    /** 1 where the condition holds, 0 elsewhere. */
    static INDArray ones(INDArray condition, DataType type) {
        return condition.castTo(type);
    }
}
