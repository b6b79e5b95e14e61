package org.caprl.core.kernels.nd4j;

import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Log-probabilities of given targets and their gradient, in chunks of rows. */
final class Head {
    private static final long LOGITS = 1L << 22;

    private final Counting counting;

    Head(Counting counting) {
        this.counting = counting;
    }

    static int rowsAtATime(Tensor head) {
        return (int) Math.max(1, LOGITS / head.dim(0));
    }

    /** One chunk: with z' = z - max and s = Σ exp z', logProb = z'[target] - log s and entropy = log s - Σ exp(z')·z' / s. */
    void forward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy, Tensor logSumExp) {
        INDArray z = logits(hidden, head, temperature);
        INDArray largest = z.max(true, 1);
        z.subi(largest);
        INDArray chosen = Nd.gather(Nd.flat(z), places(targets, head.dim(0)), Nd.empty(targets.size())).reshape(targets.size(), 1);
        INDArray weight = Nd.exp(z.dup());
        INDArray total = weight.sum(true, 1);
        INDArray mean = weight.muli(z).sum(true, 1).divi(total);
        INDArray logTotal = Nd.log(total);
        chosen.sub(logTotal, Nd.column(logProb));
        logTotal.sub(mean, Nd.column(entropy));
        logTotal.add(largest, Nd.column(logSumExp));
    }

    /** One chunk: dz = (dLogProb·(1[target] - p) - dEntropy·p·(log p + entropy)) / temperature. */
    void backward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy, Tensor logSumExp, Tensor dLogProb,
            Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        INDArray logP = logits(hidden, head, temperature).subi(Nd.column(logSumExp));
        INDArray dz = Nd.exp(logP.dup());
        if (dEntropy == null) {
            dz.muli(Nd.column(dLogProb));
        } else {
            dz.muli(logP.addi(Nd.column(entropy)).muli(Nd.column(dEntropy)).addi(Nd.column(dLogProb)));
        }
        dz.negi();
        Nd.scatterAdd(Nd.flat(dz), places(targets, head.dim(0)), Nd.of(dLogProb));
        Nd.mmul(dz, false, Nd.floats(head), false, 1 / (double) temperature, 0, Nd.of(dHidden));
        if (dHead != null) {
            Nd.mmul(dz, true, Nd.of(hidden), false, 1 / (double) temperature, 1, Nd.of(dHead));
        }
    }

    private static INDArray logits(Tensor hidden, Tensor head, float temperature) {
        INDArray z = Nd.empty(hidden.dim(0), head.dim(0));
        Nd.mmul(Nd.of(hidden), false, Nd.floats(head), true, 1 / (double) temperature, 0, z);
        return z;
    }

    /** Where the targets' logits are in a dense matrix of rows of {@code vocabulary}. */
    private INDArray places(Tensor targets, int vocabulary) {
        return counting.upTo(targets.size(), DataType.INT32).mul(vocabulary).addi(Nd.of(targets));
    }
}
