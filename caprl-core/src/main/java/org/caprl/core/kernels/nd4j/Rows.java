package org.caprl.core.kernels.nd4j;

import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Rows picked and put by index. */
final class Rows {
    private final Counting counting;

    Rows(Counting counting) {
        this.counting = counting;
    }

    void gather(Tensor x, Tensor index, Tensor y) {
        INDArray to = Nd.of(y);
        if (x.dtype() == y.dtype()) {
            Nd.gather(Nd.of(x), Nd.of(index), to);
        } else {
            to.assign(Nd.gather(Nd.of(x), Nd.of(index), Nd4j.createUninitialized(Nd4jStorage.typeOf(x.dtype()), to.shape())));
        }
    }

    /**
     * Entries below 0 are made harmless without asking the host: they repeat the entry with the largest index, row and all; and where no
     * entry is above 0, every entry writes row 0 of y as it is.
     */
    void scatter(Tensor x, Tensor index, Tensor y) {
        int n = index.dim(0);
        INDArray at = Nd.of(index);
        INDArray own = counting.upTo(n, DataType.INT32);
        INDArray valid = at.gte(0).castTo(DataType.INT32);
        INDArray invalid = valid.rsub(1);
        INDArray largest = at.max(true, 0);
        INDArray some = largest.gte(0).castTo(DataType.INT32);
        INDArray target = at.mul(valid).addi(invalid.mul(largest.mul(some)));
        // Of the row that holds the largest index: n less its distance from the end, 0 elsewhere, hence the largest of them.
        INDArray holder = own.mul(at.eq(largest).castTo(DataType.INT32)).max(true, 0);
        INDArray stand = holder.mul(some).addi(some.rsub(1).muli(n));
        INDArray source = own.mul(valid).addi(invalid.mul(stand));
        INDArray rows = Nd4j.concat(0, Nd.of(x), Nd.of(y.rows(0, 1)));
        Nd.scatter(Nd.of(y), target, Nd.gather(rows, source, Nd4j.createUninitialized(rows.dataType(), n, x.columns())));
    }

    static void scatterAdd(Tensor x, Tensor index, Tensor y) {
        Nd.scatterAdd(Nd.of(y), Nd.of(index), Nd.of(x));
    }
}
