package org.caprl.core.kernels.nd4j;

import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Norms along rows, scales of columns, and their gradients. */
final class Norms {
    private Norms() {
    }

    static void rms(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        INDArray v = Nd.of(x);
        INDArray inverse = Nd.inverseRoot(v.mul(v).mean(true, 1).addi(epsilon)); // [M,1]
        v.mul(inverse, Nd.of(y)).muli(Nd.row(w));
        Nd.column(inverseRms).assign(inverse);
    }

    /** With x̂ = x·r and ŷ = dy·w: dx = r·(ŷ - x̂·mean(ŷ·x̂)), dw = Σ dy·x̂. */
    static void rmsBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        INDArray inverse = Nd.column(inverseRms);
        INDArray d = Nd.of(dy);
        INDArray normed = Nd.of(x).mul(inverse);
        if (dw != null) {
            Nd.row(dw).addi(d.mul(normed).sum(true, 0));
        }
        INDArray weighted = d.mul(Nd.row(w));
        INDArray mean = weighted.mul(normed).mean(true, 1);
        weighted.subi(normed.muli(mean)).mul(inverse, Nd.of(dx));
    }

    static void layer(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        INDArray v = Nd.of(x);
        INDArray mean = v.mean(true, 1);
        INDArray centred = v.sub(mean);
        INDArray inverse = Nd.inverseRoot(centred.mul(centred).mean(true, 1).addi(epsilon));
        centred.mul(inverse, Nd.of(y)).muli(Nd.row(w)).addi(Nd.row(b));
        Nd.column(statistics, 0).assign(mean);
        Nd.column(statistics, 1).assign(inverse);
    }

    /** With x̂ = (x - mean)·r and ŷ = dy·w: dx = r·(ŷ - mean(ŷ) - x̂·mean(ŷ·x̂)), dw = Σ dy·x̂, db = Σ dy. */
    static void layerBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        INDArray inverse = Nd.column(statistics, 1).dup();
        INDArray d = Nd.of(dy);
        INDArray normed = Nd.of(x).sub(Nd.column(statistics, 0).dup()).muli(inverse);
        if (dw != null) {
            Nd.row(dw).addi(d.mul(normed).sum(true, 0));
            Nd.row(db).addi(d.sum(true, 0));
        }
        INDArray weighted = d.mul(Nd.row(w));
        INDArray mean = weighted.mul(normed).mean(true, 1);
        weighted.subi(weighted.mean(true, 1)).subi(normed.muli(mean)).mul(inverse, Nd.of(dx));
    }

    static void scaleColumns(Tensor x, Tensor w, Tensor y) {
        Nd.of(x).mul(Nd.row(w), Nd.of(y));
    }

    /** dx = dy·w, dw = Σ dy·x. */
    static void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
        INDArray d = Nd.of(dy);
        if (dw != null) {
            Nd.row(dw).addi(d.mul(Nd.of(x)).sum(true, 0));
        }
        d.mul(Nd.row(w), Nd.of(dx));
    }
}
