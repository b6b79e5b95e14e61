package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;

/** Normaliser of one row of logits; one definition for the sampler and for the trainer's head, so that their log-probs agree. */
final class LogSoftmax {
    /** Elements summed in float before the sum goes on in double. */
    private static final int BLOCK = 64 * 16;

    private LogSoftmax() {
    }

    /** log Σ exp(z·factor), with {@code max} the largest z·factor. */
    static double logSumExp(long z, int n, float factor, float max) {
        double total = 0;
        for (int from = 0; from < n; from += BLOCK) {
            total += exponentials(z, from, Math.min(n, from + BLOCK), factor, max);
        }
        return max + Math.log(total);
    }

    private static float exponentials(long z, int from, int to, float factor, float max) {
        FloatVector f = FloatVector.broadcast(S, factor);
        FloatVector shift = FloatVector.broadcast(S, -max);
        FloatVector sum = FloatVector.zero(S);
        int j = from;
        for (; j + Lanes.L <= to; j += Lanes.L) {
            sum = sum.add(VectorMath.exp(FloatVector.fromMemorySegment(S, ALL, z + 4L * j, ORDER).mul(f).add(shift)));
        }
        float total = Lanes.sum(sum);
        for (; j < to; j++) {
            total += VectorMath.exp(Lanes.get(z + 4L * j) * factor - max);
        }
        return total;
    }

    /** -Σ p·log p with log p = z·factor - logSumExp. */
    static double entropy(long z, int n, float factor, float logSumExp) {
        double total = 0;
        for (int from = 0; from < n; from += BLOCK) {
            total -= expectedLog(z, from, Math.min(n, from + BLOCK), factor, logSumExp);
        }
        return total;
    }

    private static float expectedLog(long z, int from, int to, float factor, float logSumExp) {
        FloatVector f = FloatVector.broadcast(S, factor);
        FloatVector shift = FloatVector.broadcast(S, -logSumExp);
        FloatVector sum = FloatVector.zero(S);
        int j = from;
        for (; j + Lanes.L <= to; j += Lanes.L) {
            FloatVector log = FloatVector.fromMemorySegment(S, ALL, z + 4L * j, ORDER).mul(f).add(shift);
            sum = VectorMath.exp(log).fma(log, sum);
        }
        float total = Lanes.sum(sum);
        for (; j < to; j++) {
            float log = Lanes.get(z + 4L * j) * factor - logSumExp;
            total = Math.fma(VectorMath.exp(log), log, total);
        }
        return total;
    }

    /** z to d z = dLogProb·(1[target] - p) - dEntropy·p·(log p + entropy), all times factor. */
    static void gradient(long z, int n, float factor, float logSumExp, int target, float dLogProb, float dEntropy, float entropy) {
        FloatVector f = FloatVector.broadcast(S, factor);
        FloatVector shift = FloatVector.broadcast(S, -logSumExp);
        float constant = -dLogProb - dEntropy * entropy;
        int j = 0;
        for (; j + Lanes.L <= n; j += Lanes.L) {
            FloatVector log = FloatVector.fromMemorySegment(S, ALL, z + 4L * j, ORDER).mul(f).add(shift);
            FloatVector p = VectorMath.exp(log);
            FloatVector slope = log.fma(FloatVector.broadcast(S, -dEntropy), FloatVector.broadcast(S, constant));
            slope.mul(p).mul(f).intoMemorySegment(ALL, z + 4L * j, ORDER);
        }
        for (; j < n; j++) {
            float log = Lanes.get(z + 4L * j) * factor - logSumExp;
            Lanes.set(z + 4L * j, Math.fma(log, -dEntropy, constant) * VectorMath.exp(log) * factor);
        }
        Lanes.set(z + 4L * target, Lanes.get(z + 4L * target) + dLogProb * factor);
    }
}
