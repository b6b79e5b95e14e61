package org.caprl.trainer.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.random.CounterRandom;
import org.junit.jupiter.api.Test;

class GrpoLossTest {
    private static final Clip CLIP = new Clip(0.2, 0.28);

    @Test
    void workedExample() {
        GrpoLoss loss = new GrpoLoss(RatioLevel.TOKEN, new Clip(0.2, 0.2), KlPenalty.NONE, 0, LossAverage.GRPO);
        CaptionTokens caption = new CaptionTokens(new float[] {-1, -1}, new float[] {-1, -2}, null, 1, false);
        PolicyLoss result = loss.of(List.of(caption), null, BatchTotals.ofOneUpdate(1, 2, 8));
        assertEquals(-1.1, result.loss(), 1e-12);
        assertArrayEquals(new float[] {-1, -1.2f}, result.tokenLoss()[0]);
        assertArrayEquals(new float[] {-0.5f, 0}, result.gradLogp()[0]);
        assertEquals(0.5, result.metrics().clipShareHigh());
        assertEquals(0.0, result.metrics().clipShareLow());
        assertEquals((1 + Math.E) / 2, result.metrics().ratio(), 1e-12);
    }

    @Test
    void gradientIsTheDerivativeOfTheLoss() {
        for (GrpoLoss loss : variants()) {
            List<CaptionTokens> captions = captions(5);
            BatchTotals totals = totals(captions);
            float[][] entropies = entropies(captions);
            PolicyLoss result = loss.of(captions, entropies, totals);
            double h = 1.0 / 1024;
            for (int i = 0; i < captions.size(); i++) {
                for (int t = 0; t < captions.get(i).newLogp().length; t++) {
                    // Central differences of fourth order; the log-probs are multiples of 1/1024, so the steps are exact in float32.
                    double near = shifted(loss, captions, entropies, totals, i, t, h)
                            - shifted(loss, captions, entropies, totals, i, t, -h);
                    double far = shifted(loss, captions, entropies, totals, i, t, 2 * h)
                            - shifted(loss, captions, entropies, totals, i, t, -2 * h);
                    double numeric = (8 * near - far) / (12 * h);
                    assertEquals(numeric, result.gradLogp()[i][t], 1e-6, loss + " caption " + i + " token " + t);
                }
            }
            entropies[2][0] += 0.5f;
            assertEquals(0.5 * result.gradEntropy(), loss.of(captions, entropies, totals).loss() - result.loss(), 1e-7, loss.toString());
        }
    }

    @Test
    void microBatchesAddUpToTheUpdate() {
        for (GrpoLoss loss : variants()) {
            List<CaptionTokens> captions = captions(7);
            BatchTotals totals = totals(captions);
            float[][] entropies = entropies(captions);
            PolicyLoss whole = loss.of(captions, entropies, totals);
            for (int size : new int[] {1, 2, 3}) {
                double sum = 0;
                LossMetrics metrics = LossMetrics.ZERO;
                for (int from = 0; from < captions.size(); from += size) {
                    int to = Math.min(captions.size(), from + size);
                    PolicyLoss part = loss.of(captions.subList(from, to), Arrays.copyOfRange(entropies, from, to), totals);
                    for (int i = from; i < to; i++) {
                        assertArrayEquals(whole.gradLogp()[i], part.gradLogp()[i - from]);
                    }
                    assertEquals(whole.gradEntropy(), part.gradEntropy());
                    sum += part.loss();
                    metrics = metrics.plus(part.metrics());
                }
                assertEquals(whole.loss(), sum, 1e-12, loss.toString());
                assertEquals(whole.metrics().clipShare(), metrics.clipShare());
                assertEquals(whole.metrics().kl(), metrics.kl(), 1e-12);
            }
        }
    }

    @Test
    void maskedCaptionCountsAsCaptionOnly() {
        float[] logp = {-1, -2, -3};
        CaptionTokens plain = new CaptionTokens(logp, logp, null, 1, false);
        CaptionTokens masked = new CaptionTokens(logp, logp, null, 1, true);
        for (LossAverage average : LossAverage.values()) {
            GrpoLoss loss = new GrpoLoss(RatioLevel.TOKEN, CLIP, KlPenalty.NONE, 0, average);
            PolicyLoss result = loss.of(List.of(plain, masked), null, BatchTotals.ofOneUpdate(2, 3, 3));
            assertEquals(average == LossAverage.BNPO || average == LossAverage.DAPO ? -1.0 : -0.5, result.loss(), 1e-12, average.name());
            assertArrayEquals(new float[3], result.gradLogp()[1]);
            assertEquals(3, result.metrics().tokens());
        }
    }

    @Test
    void captionOfZeroTokensAndBatchWithoutTokens() {
        CaptionTokens empty = new CaptionTokens(new float[0], new float[0], new float[0], 1, false);
        for (GrpoLoss loss : variants()) {
            PolicyLoss result = loss.of(List.of(empty), new float[1][0], BatchTotals.ofOneUpdate(1, 0, 4));
            assertEquals(0.0, result.loss(), loss.toString());
            assertEquals(0, result.metrics().clipShare());
        }
    }

    @Test
    void klEstimatorsAndTheirDerivatives() {
        for (KlEstimator estimator : KlEstimator.values()) {
            double h = 1e-5;
            for (double d : new double[] {-1.5, -0.1, 0, 0.3, 2}) {
                assertEquals((estimator.value(d + h) - estimator.value(d - h)) / (2 * h), estimator.derivative(d), 1e-8);
            }
            assertEquals(0.0, estimator.value(0), 0);
        }
        assertEquals(Math.exp(0.7) - 0.7 - 1, KlEstimator.K3.value(0.7), 1e-15);
        assertEquals(0.245, KlEstimator.K2.value(0.7), 1e-15);
        assertEquals(-0.7, KlEstimator.K1.value(0.7), 0);
    }

    @Test
    void averagesOfAStepWithTwoUpdates() {
        BatchTotals totals = new BatchTotals(4, 100, 300, 2, 50);
        assertEquals(1.0 / (4 * 20), LossAverage.GRPO.tokenWeight(20, totals), 1e-15);
        assertEquals(1.0 / 100, LossAverage.BNPO.tokenWeight(20, totals), 1e-15);
        assertEquals(1.0 / (4 * 50), LossAverage.DR_GRPO.tokenWeight(20, totals), 1e-15);
        assertEquals(1.0 / 150, LossAverage.DAPO.tokenWeight(20, totals), 1e-15);
    }

    @Test
    void missingInputsAreNamed() {
        CaptionTokens caption = new CaptionTokens(new float[1], new float[1], null, 1, false);
        BatchTotals totals = BatchTotals.ofOneUpdate(1, 1, 1);
        GrpoLoss withKl = new GrpoLoss(RatioLevel.TOKEN, CLIP, new KlPenalty(0.1, KlEstimator.K3, false), 0, LossAverage.DAPO);
        assertThrows(IllegalArgumentException.class, () -> withKl.of(List.of(caption), null, totals));
        GrpoLoss withEntropy = new GrpoLoss(RatioLevel.TOKEN, CLIP, KlPenalty.NONE, 0.1, LossAverage.DAPO);
        assertThrows(IllegalArgumentException.class, () -> withEntropy.of(List.of(caption), null, totals));
        assertThrows(IllegalArgumentException.class, () -> new CaptionTokens(new float[2], new float[1], null, 1, false));
        assertThrows(IllegalArgumentException.class, () -> new Clip(1.5, 0.2));
        assertThrows(IllegalArgumentException.class, () -> new KlPenalty(-1, KlEstimator.K3, false));
        assertThrows(IllegalArgumentException.class, () -> new BatchTotals(1, 5, 4, 1, 1));
    }

    private static List<GrpoLoss> variants() {
        List<GrpoLoss> variants = new ArrayList<>();
        for (RatioLevel level : RatioLevel.values()) {
            for (LossAverage average : LossAverage.values()) {
                variants.add(new GrpoLoss(level, CLIP, KlPenalty.NONE, 0, average));
                for (KlEstimator estimator : KlEstimator.values()) {
                    variants.add(new GrpoLoss(level, CLIP, new KlPenalty(0.3, estimator, false), 0, average));
                    variants.add(new GrpoLoss(level, new Clip(0.2, 0.28, 1.5), new KlPenalty(0.3, estimator, true), 0.1, average));
                }
            }
        }
        return variants;
    }

    /** Captions of 1 to 4 tokens. No ratio of this seed lies at a bound, where the loss has no derivative. */
    private static List<CaptionTokens> captions(int n) {
        List<CaptionTokens> captions = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            long key = CounterRandom.key(20, i);
            int tokens = 1 + i % 4;
            float[] newLogp = new float[tokens];
            float[] oldLogp = new float[tokens];
            float[] refLogp = new float[tokens];
            for (int t = 0; t < tokens; t++) {
                newLogp[t] = -CounterRandom.below(key, 3L * t, 3072) / 1024f;
                oldLogp[t] = newLogp[t] + (CounterRandom.below(key, 3L * t + 1, 1024) - 512) / 1024f;
                refLogp[t] = newLogp[t] + (CounterRandom.below(key, 3L * t + 2, 1024) - 512) / 1024f;
            }
            captions.add(new CaptionTokens(newLogp, oldLogp, refLogp, (float) CounterRandom.normal(key, 1000), i == 3));
        }
        return captions;
    }

    private static float[][] entropies(List<CaptionTokens> captions) {
        float[][] entropies = new float[captions.size()][];
        for (int i = 0; i < entropies.length; i++) {
            entropies[i] = new float[captions.get(i).newLogp().length];
            for (int t = 0; t < entropies[i].length; t++) {
                entropies[i][t] = 0.25f * (i + t);
            }
        }
        return entropies;
    }

    private static BatchTotals totals(List<CaptionTokens> captions) {
        long tokens = captions.stream().mapToLong(CaptionTokens::tokens).sum();
        return new BatchTotals(captions.size(), tokens, 2 * tokens, 2, 6);
    }

    private static double shifted(GrpoLoss loss, List<CaptionTokens> captions, float[][] entropies, BatchTotals totals, int i, int t,
            double by) {
        List<CaptionTokens> changed = new ArrayList<>(captions);
        CaptionTokens o = captions.get(i);
        float[] newLogp = o.newLogp().clone();
        newLogp[t] += (float) by;
        changed.set(i, new CaptionTokens(newLogp, o.oldLogp(), o.refLogp(), o.advantage(), o.masked()));
        return loss.of(changed, entropies, totals).loss();
    }
}
