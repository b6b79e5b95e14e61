package org.caprl.core.kernels.reference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.util.function.Consumer;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;
import org.junit.jupiter.api.Test;

/** The meaning of each sampling setting, by the share of each token in 20 000 draws. */
class ReferenceSamplingTest {
    private static final int DRAWS = 20_000;
    /** Probabilities 0.4, 0.1, 0.3, 0.2 for tokens 0 to 3. */
    private static final double[] P = {0.4, 0.1, 0.3, 0.2};

    private static double[] shares(Consumer<SamplingRows> settings) {
        double[] shares = new double[P.length];
        try (ReferenceOps ops = new ReferenceOps(); TensorScope scope = new TensorScope(ops.memory())) {
            float[] logits = new float[P.length];
            for (int j = 0; j < P.length; j++) {
                logits[j] = (float) Math.log(P[j]) + 3;
            }
            Tensor row = scope.floatsOf(logits, 1, P.length);
            Tensor id = scope.allocate(DType.I32, 1);
            Tensor logProbs = scope.floats(1, 3);
            SamplingRows rows = new SamplingRows(1);
            rows.temperature[0] = 1;
            rows.key[0] = 99;
            settings.accept(rows);
            double[] sampled = new double[P.length];
            for (int draw = 0; draw < DRAWS; draw++) {
                rows.counter[0] = draw;
                ops.sample(row, rows, id, logProbs);
                int token = id.segment().get(ValueLayout.JAVA_INT, 0);
                shares[token] += 1.0 / DRAWS;
                sampled[token] = Math.exp(logProbs.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 2));
                assertEquals(P[token], Math.exp(logProbs.segment().getAtIndex(ValueLayout.JAVA_FLOAT, 0)), 1e-6, "raw");
            }
            for (int j = 0; j < P.length; j++) {
                assertTrue(rows.temperature[0] == 0 || Math.abs(shares[j] - sampled[j]) < 0.015, "sampled log-prob of token " + j);
            }
        }
        return shares;
    }

    private static void expect(double[] expected, Consumer<SamplingRows> settings) {
        double[] shares = shares(settings);
        for (int j = 0; j < expected.length; j++) {
            // Four standard deviations of a share of 20 000 draws are 0.014 at most.
            assertEquals(expected[j], shares[j], expected[j] == 0 ? 0 : 0.015, "token " + j);
        }
    }

    @Test
    void plain() {
        expect(P, rows -> { });
    }

    @Test
    void greedy() {
        expect(new double[] {1, 0, 0, 0}, rows -> rows.temperature[0] = 0);
    }

    @Test
    void temperatureSharpens() {
        expect(new double[] {16 / 30.0, 1 / 30.0, 9 / 30.0, 4 / 30.0}, rows -> rows.temperature[0] = 0.5f);
    }

    @Test
    void topK() {
        expect(new double[] {4 / 7.0, 0, 3 / 7.0, 0}, rows -> rows.topK[0] = 2);
    }

    @Test
    void topPKeepsTheTokenThatCrosses() {
        expect(new double[] {4 / 9.0, 0, 3 / 9.0, 2 / 9.0}, rows -> rows.topP[0] = 0.75f);
        expect(new double[] {1, 0, 0, 0}, rows -> rows.topP[0] = 0.05f);
    }

    @Test
    void topPIsOfWhatTopKLeft() {
        expect(new double[] {1, 0, 0, 0}, rows -> {
            rows.topK[0] = 2;
            rows.topP[0] = 0.5f;
        });
    }

    @Test
    void minPIsRelativeToTheLargest() {
        expect(new double[] {4 / 7.0, 0, 3 / 7.0, 0}, rows -> rows.minP[0] = 0.6f);
    }

    @Test
    void penaltyIsOnTheLogitsOfSeenTokens() {
        double[] weights = new double[P.length];
        double total = 0;
        for (int j = 0; j < P.length; j++) {
            double logit = Math.log(P[j]) + 3;
            weights[j] = Math.exp(j == 0 ? logit / 2 : logit);
            total += weights[j];
        }
        for (int j = 0; j < P.length; j++) {
            weights[j] /= total;
        }
        expect(weights, rows -> {
            rows.repetitionPenalty[0] = 2;
            rows.seen[0] = new long[] {1};
        });
    }
}
