package org.caprl.core.kernels.cpu;

import java.util.Arrays;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;

/**
 * A token for each row of logits; members take rows. Without filters a row is two passes over the vocabulary; with filters only the
 * tokens that can pass are sorted.
 */
final class CpuSampling implements ThreadTeam.Task, AutoCloseable {
    private static final long ALONE = 4 * 1024;
    private static final int BLOCK = 512;
    /** Weights up to here are those of logits that were minus infinity. */
    private static final float NOTHING = 1e-37f;

    private final ThreadTeam team;
    private final Member[] members;
    private SamplingRows rows;
    private long logits;
    private long ids;
    private long logProbs;
    private int count;
    private int vocabulary;

    CpuSampling(ThreadTeam team, Memory memory) {
        this.team = team;
        this.members = new Member[team.size()];
        for (int i = 0; i < members.length; i++) {
            members[i] = new Member(memory);
        }
    }

    void sample(Tensor z, SamplingRows newRows, Tensor outIds, Tensor outLogProbs) {
        rows = newRows;
        logits = Lanes.address(z);
        ids = Lanes.address(outIds);
        logProbs = Lanes.address(outLogProbs);
        count = z.dim(0);
        vocabulary = z.dim(1);
        if (z.size() < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
        rows = null;
    }

    @Override
    public void run(int member, int total) {
        int to = (int) ((long) count * (member + 1) / total);
        for (int row = (int) ((long) count * member / total); row < to; row++) {
            members[member].row(row);
        }
    }

    @Override
    public void close() {
        for (Member m : members) {
            m.penalised.close();
            m.weights.close();
        }
    }

    private final class Member {
        private final Scratch penalised;
        private final Scratch weights;
        private long[] order = new long[0];
        /** Sum of the kept weights of the row in hand. */
        private double kept;

        private Member(Memory memory) {
            penalised = new Scratch(memory);
            weights = new Scratch(memory);
        }

        private void row(int row) {
            long raw = logits + 4L * row * vocabulary;
            float rawMax = Rows.max(raw, vocabulary);
            if (!Float.isFinite(rawMax)) {
                Lanes.setInt(ids + 4L * row, 0);
                for (int i = 0; i < 3; i++) {
                    Lanes.set(logProbs + 12L * row + 4L * i, Float.NaN);
                }
                return;
            }
            long z = penalised(raw, row);
            float max = z == raw ? rawMax : Rows.max(z, vocabulary);
            float temperature = rows.temperature[row];
            int id;
            float factor = 1f;
            float sampled = 0;
            if (temperature == 0) {
                id = firstEqual(z, max);
            } else {
                factor = 1f / temperature;
                long w = weights.floats(vocabulary);
                double uniform = CounterRandom.uniform(rows.key[row], rows.counter[row]);
                double total = weigh(z, w, factor, max * factor);
                boolean all = (rows.topK[row] <= 0 || rows.topK[row] >= vocabulary) && rows.topP[row] >= 1 && rows.minP[row] <= 0;
                id = all ? draw(w, uniform * total) : drawFiltered(z, w, row, total, uniform);
                sampled = (float) Math.log(Lanes.get(w + 4L * id) / (all ? total : kept));
            }
            Lanes.setInt(ids + 4L * row, id);
            float rawLog = Lanes.get(raw + 4L * id) - (float) LogSoftmax.logSumExp(raw, vocabulary, 1f, rawMax);
            float tempered = factor == 1f ? rawLog
                    : Lanes.get(raw + 4L * id) * factor - (float) LogSoftmax.logSumExp(raw, vocabulary, factor, rawMax * factor);
            Lanes.set(logProbs + 12L * row, rawLog);
            Lanes.set(logProbs + 12L * row + 4, tempered);
            Lanes.set(logProbs + 12L * row + 8, sampled);
        }

        private long penalised(long raw, int row) {
            long[] seen = rows.seen[row];
            float penalty = rows.repetitionPenalty[row];
            if (seen == null || penalty == 1f) {
                return raw;
            }
            long z = penalised.floats(vocabulary);
            Lanes.copy(raw, z, 4L * vocabulary);
            for (int word = 0; word < seen.length && 64 * word < vocabulary; word++) {
                for (long bits = seen[word]; bits != 0; bits &= bits - 1) {
                    int id = 64 * word + Long.numberOfTrailingZeros(bits);
                    if (id < vocabulary) {
                        float value = Lanes.get(z + 4L * id);
                        Lanes.set(z + 4L * id, value > 0 ? value / penalty : value * penalty);
                    }
                }
            }
            return z;
        }

        private int firstEqual(long z, float value) {
            for (int j = 0; j < vocabulary; j++) {
                if (Lanes.get(z + 4L * j) == value) {
                    return j;
                }
            }
            throw new IllegalStateException("the largest logit of a row is not among them");
        }

        /** w = exp(z·factor - max); returns their sum. */
        private double weigh(long z, long w, float factor, float max) {
            double total = 0;
            for (int from = 0; from < vocabulary; from += BLOCK) {
                total += VectorMath.exponentials(z + 4L * from, w + 4L * from, Math.min(BLOCK, vocabulary - from), factor, -max);
            }
            return total;
        }

        /** The first id at which the running sum of the weights passes {@code point}, else the last with a weight. */
        private int draw(long w, double point) {
            double reached = 0;
            int last = 0;
            for (int j = 0; j < vocabulary; j++) {
                float e = Lanes.get(w + 4L * j);
                if (e > NOTHING) {
                    reached += e;
                    last = j;
                    if (point < reached) {
                        break;
                    }
                }
            }
            return last;
        }

        private int drawFiltered(long z, long w, int row, double total, double uniform) {
            if (order.length < vocabulary) {
                order = new long[vocabulary];
            }
            int topK = rows.topK[row];
            boolean cut = topK > 0 && topK < vocabulary;
            double topP = rows.topP[row];
            // What weighs less than its share of what top-p leaves out cannot be in; a margin for rounding.
            float least = topP >= 1 ? 0 : (float) ((1 - topP) * total / vocabulary * 0.99);
            least = cut ? 0 : Math.max(least, Math.min(rows.minP[row], 1f));
            int n = 0;
            for (int j = 0; j < vocabulary; j++) {
                if (Lanes.get(w + 4L * j) >= least) {
                    order[n++] = key(Lanes.get(z + 4L * j), j);
                }
            }
            double mass = total;
            if (cut) {
                select(n, topK);
                n = topK;
                mass = sum(w, n);
            }
            Arrays.sort(order, 0, n);
            n = passing(w, n, topP, mass, rows.minP[row]);
            for (int i = 0; i < n; i++) {
                order[i] &= 0xFFFFFFFFL;
            }
            Arrays.sort(order, 0, n);
            kept = sum(w, n);
            double point = uniform * kept;
            double reached = 0;
            int id = (int) order[n - 1];
            for (int i = 0; i < n; i++) {
                reached += Lanes.get(w + 4L * (int) order[i]);
                if (point < reached) {
                    id = (int) order[i];
                    break;
                }
            }
            return id;
        }

        private double sum(long w, int n) {
            double sum = 0;
            for (int i = 0; i < n; i++) {
                sum += Lanes.get(w + 4L * (int) order[i]);
            }
            return sum;
        }

        /** How many of the sorted tokens it takes to reach {@code topP} of the mass; none below {@code minP}. */
        private int passing(long w, int n, double topP, double mass, float minP) {
            double reached = 0;
            for (int i = 0; i < n; i++) {
                float e = Lanes.get(w + 4L * (int) order[i]);
                if (i > 0 && (topP < 1 && reached >= topP * mass || e < minP)) {
                    return i;
                }
                reached += e;
            }
            return n;
        }

        /** Sorts by falling logit, then by rising id. */
        private static long key(float z, int id) {
            int bits = Float.floatToRawIntBits(z + 0f);
            int rising = bits ^ bits >> 31 & 0x7FFFFFFF;
            return (long) ~rising << 32 | id;
        }

        /** Brings the {@code k} smallest of the first {@code n} keys to the front (Hoare's selection). */
        private void select(int n, int k) {
            int low = 0;
            int high = n - 1;
            while (low < high) {
                long pivot = order[low + (high - low >>> 1)];
                int i = low;
                int j = high;
                while (i <= j) {
                    while (order[i] < pivot) {
                        i++;
                    }
                    while (order[j] > pivot) {
                        j--;
                    }
                    if (i <= j) {
                        long t = order[i];
                        order[i++] = order[j];
                        order[j--] = t;
                    }
                }
                if (k <= j + 1) {
                    high = j;
                } else if (k > i) {
                    low = i;
                } else {
                    return;
                }
            }
        }
    }
}
