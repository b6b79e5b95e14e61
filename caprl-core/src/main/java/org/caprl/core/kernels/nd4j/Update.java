package org.caprl.core.kernels.nd4j;

import java.util.function.LongConsumer;
import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.floating.Sqrt;
import org.nd4j.linalg.factory.Nd4j;

/** The optimiser's arithmetic, in parts of a tensor so that intermediate results stay small. */
final class Update {
    static final long PART = 1L << 22;

    private Update() {
    }

    /** Calls {@code body} with the start of each part of {@code size} elements. */
    static void parts(long size, LongConsumer body) {
        for (long from = 0; from < size; from += PART) {
            body.accept(from);
        }
    }

    static INDArray part(Tensor t, long from) {
        long n = Math.min(PART, t.size() - from);
        return Nd.strided(t, from, new long[] {n}, new long[] {1});
    }

    /** Adds Σ x² of a part to {@code sum}, in double. */
    static void addSquares(INDArray x, INDArray sum) {
        INDArray wide = x.castTo(DataType.DOUBLE);
        sum.addi(wide.muli(wide).sum(0));
    }

    static void adamW(INDArray param, INDArray grad, INDArray m, INDArray v, AdamWStep step) {
        double correction1 = 1 - Math.pow(step.beta1(), step.step());
        double correction2 = 1 - Math.pow(step.beta2(), step.step());
        INDArray g = grad.mul(step.gradScale());
        m.muli(step.beta1()).addi(g.mul(1 - step.beta1()));
        v.muli(step.beta2()).addi(g.muli(g).muli(1 - step.beta2()));
        INDArray divisor = v.div(correction2);
        Nd4j.exec(new Sqrt(divisor, divisor));
        INDArray update = m.mul(step.lr() / correction1).divi(divisor.addi(step.epsilon()));
        param.muli(1 - step.lr() * step.weightDecay()).subi(update);
    }
}
