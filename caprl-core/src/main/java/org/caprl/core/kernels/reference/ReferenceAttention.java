package org.caprl.core.kernels.reference;

import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.Tensor;

/** Rotary embedding and softmax attention by a plan. */
final class ReferenceAttention {
    private ReferenceAttention() {
    }

    static void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        int tokens = positions.dim(1);
        int frequencies = spec.inverseFrequencies().length;
        for (int t = 0; t < tokens; t++) {
            for (int f = 0; f < frequencies; f++) {
                int position = ReferenceRows.at(positions, (long) spec.axis()[f] * tokens + t);
                float angle = position * spec.inverseFrequencies()[f];
                Floats.of(cos).set((long) t * frequencies + f, (float) Math.cos(angle) * spec.scale());
                Floats.of(sin).set((long) t * frequencies + f, (float) Math.sin(angle) * spec.scale());
            }
        }
    }

    static void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        int columns = x.dim(1);
        int half = cos.dim(1);
        Floats xs = Floats.of(x);
        Floats ys = Floats.of(y);
        for (int t = 0; t < x.dim(0); t++) {
            for (int head = 0; head < columns / (2 * half); head++) {
                for (int i = 0; i < half; i++) {
                    double c = Floats.of(cos).get((long) t * half + i);
                    double s = Floats.of(sin).get((long) t * half + i) * (inverse ? -1 : 1);
                    long first = (long) t * columns + head * 2L * half + i;
                    double a = xs.get(first);
                    double b = xs.get(first + half);
                    ys.set(first, a * c - b * s);
                    ys.set(first + half, b * c + a * s);
                }
            }
        }
    }

    static void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        int heads = q.dim(1) / headDim;
        int kvHeads = k.dim(1) / headDim;
        int[] keys = new int[k.dim(0)];
        double[] scores = new double[k.dim(0)];
        Floats qs = Floats.of(q);
        Floats ks = Floats.of(k);
        Floats vs = Floats.of(v);
        for (int segment = 0; segment < plan.segments(); segment++) {
            for (int query = plan.queryStart(segment); query < plan.queryEnd(segment); query++) {
                int n = keysOf(plan, segment, query, keys);
                for (int head = 0; head < heads; head++) {
                    long qAt = ((long) query * heads + head) * headDim;
                    int kvHead = head / (heads / kvHeads);
                    double largest = Double.NEGATIVE_INFINITY;
                    for (int i = 0; i < n; i++) {
                        scores[i] = scale * dot(qs, qAt, ks, ((long) keys[i] * kvHeads + kvHead) * headDim, headDim);
                        largest = Math.max(largest, scores[i]);
                    }
                    double[] sum = new double[headDim];
                    double total = 0;
                    for (int i = 0; i < n; i++) {
                        double p = Math.exp(scores[i] - largest);
                        long vAt = ((long) keys[i] * kvHeads + kvHead) * headDim;
                        total += p;
                        for (int c = 0; c < headDim; c++) {
                            sum[c] += p * vs.get(vAt + c);
                        }
                    }
                    for (int c = 0; c < headDim; c++) {
                        Floats.of(out).set(qAt + c, sum[c] / total);
                    }
                    if (logSumExp != null) {
                        Floats.of(logSumExp).set((long) query * heads + head, largest + Math.log(total));
                    }
                }
            }
        }
    }

    /** With p = exp(s - lse) and dp = dOut·v: ds = p·(dp - dOut·out); dq = scale·ds·k, dk = scale·ds·q, dv = p·dOut. */
    static void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan,
            int headDim, float scale, Tensor dq, Tensor dk, Tensor dv) {
        int heads = q.dim(1) / headDim;
        int kvHeads = k.dim(1) / headDim;
        int[] keys = new int[k.dim(0)];
        Floats qs = Floats.of(q);
        Floats ks = Floats.of(k);
        Floats vs = Floats.of(v);
        Floats dOuts = Floats.of(dOut);
        double[] qGrad = new double[Math.toIntExact(q.size())];
        double[] kGrad = new double[Math.toIntExact(k.size())];
        double[] vGrad = new double[Math.toIntExact(v.size())];
        for (int segment = 0; segment < plan.segments(); segment++) {
            for (int query = plan.queryStart(segment); query < plan.queryEnd(segment); query++) {
                int n = keysOf(plan, segment, query, keys);
                for (int head = 0; head < heads; head++) {
                    int qAt = (query * heads + head) * headDim;
                    int kvHead = head / (heads / kvHeads);
                    double delta = dot(dOuts, qAt, Floats.of(out), qAt, headDim);
                    double lse = Floats.of(logSumExp).get((long) query * heads + head);
                    for (int i = 0; i < n; i++) {
                        int kAt = (keys[i] * kvHeads + kvHead) * headDim;
                        double p = Math.exp(scale * dot(qs, qAt, ks, kAt, headDim) - lse);
                        double ds = scale * p * (dot(dOuts, qAt, vs, kAt, headDim) - delta);
                        for (int c = 0; c < headDim; c++) {
                            qGrad[qAt + c] += ds * ks.get(kAt + c);
                            kGrad[kAt + c] += ds * qs.get(qAt + c);
                            vGrad[kAt + c] += p * dOuts.get(qAt + c);
                        }
                    }
                }
            }
        }
        ReferenceProducts.store(qGrad, Floats.of(dq), 0);
        ReferenceProducts.store(kGrad, Floats.of(dk), 0);
        ReferenceProducts.store(vGrad, Floats.of(dv), 0);
    }

    /** Writes the key rows that a query sees, in order, and returns how many there are. */
    private static int keysOf(AttentionPlan plan, int segment, int query, int[] keys) {
        int n = 0;
        int lastRange = plan.firstRange(segment + 1) - 1;
        for (int range = plan.firstRange(segment); range <= lastRange; range++) {
            boolean cut = plan.isCausal(segment) && range == lastRange;
            int end = cut ? plan.keyEnd(range) - (plan.queryEnd(segment) - 1 - query) : plan.keyEnd(range);
            for (int key = plan.keyStart(range); key < end; key++) {
                keys[n++] = key;
            }
        }
        return n;
    }

    private static double dot(Floats a, long aAt, Floats b, long bAt, int n) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += (double) a.get(aAt + i) * b.get(bAt + i);
        }
        return sum;
    }
}
