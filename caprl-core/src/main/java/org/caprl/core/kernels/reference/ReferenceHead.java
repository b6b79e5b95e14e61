package org.caprl.core.kernels.reference;

import org.caprl.core.tensor.Tensor;

/** Log-probabilities of given targets, and their gradient. */
final class ReferenceHead {
    private ReferenceHead() {
    }

    static void selectedLogProbs(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        for (int t = 0; t < hidden.dim(0); t++) {
            double[] z = logits(hidden, t, head, temperature);
            double lse = logSumExp(z);
            double sum = 0;
            for (double v : z) {
                sum -= Math.exp(v - lse) * (v - lse);
            }
            Floats.of(logProb).set(t, z[ReferenceRows.at(targets, t)] - lse);
            Floats.of(entropy).set(t, sum);
            Floats.of(logSumExp).set(t, lse);
        }
    }

    static void selectedLogProbsBackward(Tensor hidden, Tensor head, Tensor targets, float temperature, Tensor entropy, Tensor logSumExp,
            Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        int vocabulary = head.dim(0);
        int columns = head.dim(1);
        Floats hiddens = Floats.of(hidden);
        Floats heads = Floats.of(head);
        double[] headGrad = dHead == null ? null : Floats.of(dHead).slice(0, Math.toIntExact(dHead.size()));
        for (int t = 0; t < hidden.dim(0); t++) {
            double[] z = logits(hidden, t, head, temperature);
            double lse = Floats.of(logSumExp).get(t);
            double d = Floats.of(dLogProb).get(t);
            double e = dEntropy == null ? 0 : Floats.of(dEntropy).get(t);
            double h = Floats.of(entropy).get(t);
            int target = ReferenceRows.at(targets, t);
            double[] hiddenGrad = new double[columns];
            for (int j = 0; j < vocabulary; j++) {
                double p = Math.exp(z[j] - lse);
                double dz = (d * ((j == target ? 1 : 0) - p) - e * p * (z[j] - lse + h)) / temperature;
                for (int c = 0; c < columns; c++) {
                    hiddenGrad[c] += dz * heads.get((long) j * columns + c);
                    if (headGrad != null) {
                        headGrad[j * columns + c] += dz * hiddens.get((long) t * columns + c);
                    }
                }
            }
            ReferenceProducts.store(hiddenGrad, Floats.of(dHidden), (long) t * columns);
        }
        if (headGrad != null) {
            ReferenceProducts.store(headGrad, Floats.of(dHead), 0);
        }
    }

    private static double[] logits(Tensor hidden, int row, Tensor head, float temperature) {
        int columns = head.dim(1);
        double[] x = Floats.of(hidden).slice((long) row * columns, columns);
        Floats heads = Floats.of(head);
        double[] z = new double[head.dim(0)];
        for (int j = 0; j < z.length; j++) {
            for (int c = 0; c < columns; c++) {
                z[j] += x[c] * heads.get((long) j * columns + c);
            }
            z[j] /= temperature;
        }
        return z;
    }

    static double logSumExp(double[] z) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double v : z) {
            largest = Math.max(largest, v);
        }
        double sum = 0;
        for (double v : z) {
            sum += Math.exp(v - largest);
        }
        return largest + Math.log(sum);
    }
}
