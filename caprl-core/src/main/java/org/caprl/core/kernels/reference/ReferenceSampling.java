package org.caprl.core.kernels.reference;

import java.lang.foreign.ValueLayout;
import java.util.Comparator;
import java.util.stream.IntStream;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;

/**
 * One token for each row of logits.
 *
 * <p>Where "the largest" are asked for, tokens are ordered by logit and, among equals, by id: so top-k keeps exactly k tokens, and every
 * filter has one answer.
 */
final class ReferenceSampling {
    private ReferenceSampling() {
    }

    static void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
        int vocabulary = logits.dim(1);
        for (int row = 0; row < logits.dim(0); row++) {
            double[] raw = Floats.of(logits).slice((long) row * vocabulary, vocabulary);
            double[] z = penalised(raw, rows.repetitionPenalty[row], rows.seen[row]);
            double temperature = rows.temperature[row];
            int id;
            double tempered;
            double sampled;
            if (temperature == 0) {
                id = firstLargest(z);
                tempered = logSoftmax(raw, 1, id);
                sampled = 0;
            } else {
                for (int j = 0; j < vocabulary; j++) {
                    z[j] /= temperature;
                }
                double[] weight = kept(z, rows.topK[row], rows.topP[row], rows.minP[row]);
                id = draw(weight, CounterRandom.uniform(rows.key[row], rows.counter[row]));
                tempered = logSoftmax(raw, temperature, id);
                sampled = Math.log(weight[id] / sum(weight));
            }
            ids.segment().setAtIndex(ValueLayout.JAVA_INT, row, id);
            Floats.of(logProbs).set(3L * row, logSoftmax(raw, 1, id));
            Floats.of(logProbs).set(3L * row + 1, tempered);
            Floats.of(logProbs).set(3L * row + 2, sampled);
        }
    }

    /** Repetition penalty as {@code transformers.RepetitionPenaltyLogitsProcessor} has it: once a seen token, however often it was seen. */
    private static double[] penalised(double[] raw, double penalty, long[] seen) {
        double[] z = raw.clone();
        if (seen == null) {
            return z;
        }
        for (int j = 0; j < z.length; j++) {
            if (j >> 6 < seen.length && (seen[j >> 6] >>> j & 1) != 0) {
                z[j] = z[j] > 0 ? z[j] / penalty : z[j] * penalty;
            }
        }
        return z;
    }

    /** exp(z - largest) of the tokens that pass all filters, 0 for the others. */
    private static double[] kept(double[] z, int topK, double topP, double minP) {
        int[] order = IntStream.range(0, z.length).boxed().sorted(Comparator.comparingDouble((Integer j) -> -z[j]))
                .mapToInt(Integer::intValue).toArray();
        double largest = z[order[0]];
        int count = topK > 0 ? Math.min(topK, z.length) : z.length;
        double total = 0;
        for (int i = 0; i < count; i++) {
            total += Math.exp(z[order[i]] - largest);
        }
        double[] weight = new double[z.length];
        double reached = 0;
        for (int i = 0; i < count; i++) {
            double w = Math.exp(z[order[i]] - largest);
            boolean nucleusFull = topP < 1 && i > 0 && reached >= topP * total;
            if (nucleusFull || w < minP) {
                break;
            }
            weight[order[i]] = w;
            reached += w;
        }
        return weight;
    }

    /** Inverse CDF in order of ids. */
    private static int draw(double[] weight, double uniform) {
        double point = uniform * sum(weight);
        double reached = 0;
        int last = -1;
        for (int j = 0; j < weight.length; j++) {
            if (weight[j] > 0) {
                reached += weight[j];
                last = j;
                if (point < reached) {
                    break;
                }
            }
        }
        return last;
    }

    private static int firstLargest(double[] z) {
        int best = 0;
        for (int j = 1; j < z.length; j++) {
            if (z[j] > z[best]) {
                best = j;
            }
        }
        return best;
    }

    private static double logSoftmax(double[] raw, double temperature, int id) {
        double[] z = raw.clone();
        for (int j = 0; j < z.length; j++) {
            z[j] /= temperature;
        }
        return z[id] - ReferenceHead.logSumExp(z);
    }

    private static double sum(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum;
    }
}
