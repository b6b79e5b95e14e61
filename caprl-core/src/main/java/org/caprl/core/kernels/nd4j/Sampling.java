package org.caprl.core.kernels.nd4j;

import java.util.Arrays;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A token for each row of logits, all rows at once, in double: the draw then falls where the reference's does. Settings go to the device in
 * one copy, seen tokens in another where there is a penalty.
 *
 * <p>Shapes: B rows of V logits; settings are columns [B,1]. Conditions are kept as 0 and 1.
 */
final class Sampling {
    private static final int SETTINGS = 7;

    private final Nd4jMemory memory;
    private final Counting counting;

    Sampling(Nd4jMemory memory, Counting counting) {
        this.memory = memory;
        this.counting = counting;
    }

    void sample(Tensor logits, SamplingRows rows, Tensor ids, Tensor logProbs) {
        int b = logits.dim(0);
        int v = logits.dim(1);
        Settings settings = new Settings(rows, b, v);
        INDArray given = settings.onDevice();
        INDArray raw = Nd.of(logits).castTo(DataType.DOUBLE);
        INDArray z = settings.anySeen() ? penalised(raw, settings, given, v) : raw;
        INDArray id;
        INDArray sampled;
        INDArray temperature = settings.column(given, 0);
        if (settings.drawn == 0) {
            id = firstLargest(z);
            sampled = Nd4j.zeros(DataType.DOUBLE, b, 1);
        } else {
            INDArray tempered = settings.anyTemperature ? z.div(temperature) : z;
            INDArray weight = Nd.exp(tempered.sub(tempered.max(true, 1)));
            if (settings.filtered) {
                weight.muli(kept(tempered, weight, settings, given));
            }
            INDArray reached = Nd.runningSum(weight, false);
            INDArray total = reached.max(true, 1);
            INDArray point = total.mul(settings.column(given, 4));
            // The first id whose running sum passes the point has as many before it that don't; rounding must not pass the last.
            id = Nd.ones(reached.sub(point).lte(0), DataType.DOUBLE).sum(true, 1);
            INDArray last = Nd.ones(weight.gt(0), DataType.DOUBLE).muli(numbers(v)).max(true, 1);
            id = minimum(id, last);
            sampled = Nd.log(at(weight, id, v).divi(total));
            if (settings.drawn < b) {
                INDArray drawn = settings.column(given, 5);
                id = id.mul(drawn).addi(firstLargest(z).muli(drawn.rsub(1)));
                sampled.muli(drawn);
            }
        }
        INDArray chosen = at(raw, id, v);
        INDArray rawLog = chosen.sub(logSumExp(raw));
        INDArray temperedLog = settings.anyTemperature ? chosen.div(temperature).subi(logSumExp(raw.div(temperature))) : rawLog;
        Nd.column(ids).assign(id);
        Nd.column(logProbs, 0).assign(rawLog);
        Nd.column(logProbs, 1).assign(temperedLog);
        Nd.column(logProbs, 2).assign(sampled);
    }

    /** Logits with seen tokens' divided by their row's penalty where positive, multiplied where not. */
    private static INDArray penalised(INDArray raw, Settings settings, INDArray given, int v) {
        INDArray z = raw.dup();
        INDArray places = settings.seenOnDevice();
        long n = places.length();
        INDArray row = places.castTo(DataType.INT64).div(v).castTo(DataType.INT32);
        INDArray penalty = Nd.gather(Nd.flat(settings.column(given, 6).dup('c')), row, Nd4j.createUninitialized(DataType.DOUBLE, n));
        INDArray seen = Nd.gather(Nd.flat(raw), places, Nd4j.createUninitialized(DataType.DOUBLE, n));
        INDArray positive = Nd.ones(seen.gt(0), DataType.DOUBLE);
        INDArray factor = positive.div(penalty).addi(positive.rsub(1).muli(penalty));
        Nd.scatter(Nd.flat(z), places, seen.muli(factor));
        return z;
    }

    /**
     * 1 for tokens that pass all filters, 0 for others. In order of falling logits the tokens that pass come first, so what counts is how
     * many there are; among equals at the end the lowest ids pass.
     */
    private INDArray kept(INDArray z, INDArray weight, Settings settings, INDArray given) {
        int v = (int) z.size(1);
        INDArray order = Nd4j.sort(z.dup(), 1, false);
        INDArray sorted = Nd4j.sort(weight.dup(), 1, false);
        INDArray position = numbers(v);
        INDArray passes = Nd.ones(position.sub(settings.column(given, 1)).lt(0), DataType.DOUBLE); // top-k, [B,V]
        INDArray inTopK = sorted.mul(passes);
        INDArray before = Nd.runningSum(inTopK, true);
        INDArray nucleus = inTopK.sum(true, 1).muli(settings.column(given, 2));
        INDArray belowTopP = Nd.ones(before.sub(nucleus).lt(0), DataType.DOUBLE);
        INDArray aboveMinP = Nd.ones(sorted.sub(settings.column(given, 3)).gte(0), DataType.DOUBLE);
        INDArray count = passes.muli(belowTopP).muli(aboveMinP).sum(true, 1); // [B,1], at least 1
        INDArray least = at(order, count.sub(1), v);
        INDArray above = Nd.ones(z.gt(least), DataType.DOUBLE);
        INDArray equal = Nd.ones(z.eq(least), DataType.DOUBLE);
        INDArray room = count.sub(above.sum(true, 1));
        INDArray first = Nd.ones(Nd.runningSum(equal, false).subi(room).lte(0), DataType.DOUBLE);
        return above.addi(equal.muli(first));
    }

    /** The lowest id among the largest of each row, [B,1]. */
    private INDArray firstLargest(INDArray z) {
        INDArray lower = Nd.ones(z.sub(z.max(true, 1)).lt(0), DataType.DOUBLE);
        return lower.muli(z.size(1)).addi(numbers((int) z.size(1))).min(true, 1);
    }

    /** 0 to v - 1 as a row. */
    private INDArray numbers(int v) {
        return counting.upTo(v, DataType.DOUBLE).reshape(1, v);
    }

    /** x[i, id[i]] for each row, [B,1]. */
    private INDArray at(INDArray x, INDArray id, int v) {
        long b = x.size(0);
        INDArray place = counting.upTo(b, DataType.DOUBLE).reshape(b, 1).mul(v).addi(id).castTo(DataType.INT32).reshape(b);
        return Nd.gather(Nd.flat(x), place, Nd4j.createUninitialized(DataType.DOUBLE, b)).reshape(b, 1);
    }

    private static INDArray minimum(INDArray a, INDArray b) {
        INDArray less = Nd.ones(a.lt(b), DataType.DOUBLE);
        return a.mul(less).addi(b.mul(less.rsub(1)));
    }

    private static INDArray logSumExp(INDArray z) {
        INDArray largest = z.max(true, 1);
        return Nd.log(Nd.exp(z.sub(largest)).sum(true, 1)).addi(largest);
    }

    /** The rows' settings as the host has them. Columns: temperature, top-k, top-p, min-p, the random number, drawn or greedy, penalty. */
    private final class Settings {
        private final double[] values;
        private final int rows;
        private int[] seen = new int[0];
        private int seenCount;
        private int drawn;
        private boolean filtered;
        private boolean anyTemperature;

        private Settings(SamplingRows given, int rows, int vocabulary) {
            this.rows = rows;
            this.values = new double[SETTINGS * rows];
            for (int row = 0; row < rows; row++) {
                boolean greedy = given.temperature[row] == 0;
                int topK = given.topK[row] > 0 ? Math.min(given.topK[row], vocabulary) : vocabulary;
                // Twice the sum of all is never reached: no top-p.
                double topP = given.topP[row] < 1 ? given.topP[row] : 2;
                put(row, greedy ? 1 : given.temperature[row], topK, topP, given.minP[row],
                        greedy ? 0 : CounterRandom.uniform(given.key[row], given.counter[row]), greedy ? 0 : 1,
                        given.repetitionPenalty[row]);
                drawn += greedy ? 0 : 1;
                filtered |= !greedy && (topK < vocabulary || topP < 1 || given.minP[row] > 0);
                anyTemperature |= !greedy && given.temperature[row] != 1;
                if (given.seen[row] != null && given.repetitionPenalty[row] != 1) {
                    addSeen(given.seen[row], row, vocabulary);
                }
            }
        }

        private void put(int row, double... settings) {
            for (int i = 0; i < SETTINGS; i++) {
                values[i * rows + row] = settings[i];
            }
        }

        private void addSeen(long[] bits, int row, int vocabulary) {
            for (int word = 0; word < bits.length && 64 * word < vocabulary; word++) {
                for (long left = bits[word]; left != 0; left &= left - 1) {
                    int id = 64 * word + Long.numberOfTrailingZeros(left);
                    if (id < vocabulary) {
                        if (seenCount == seen.length) {
                            seen = Arrays.copyOf(seen, Math.max(256, 2 * seenCount));
                        }
                        seen[seenCount++] = row * vocabulary + id;
                    }
                }
            }
        }

        private boolean anySeen() {
            return seenCount > 0;
        }

        private INDArray onDevice() {
            memory.countIn();
            return Nd4j.createFromArray(values).reshape(SETTINGS, rows);
        }

        private INDArray seenOnDevice() {
            memory.countIn();
            return Nd4j.createFromArray(Arrays.copyOf(seen, seenCount));
        }

        private INDArray column(INDArray given, int setting) {
            return given.slice(setting).reshape(rows, 1);
        }
    }
}
