package org.caprl.trainer.loss;

import java.util.List;
import java.util.Objects;

/**
 * The loss of group relative policy optimisation and its relatives, for captions o_i with advantages Â_i:
 *
 * <pre>
 *   ρ_it = π_θ(o_it) / π_old(o_it)                           (one a token, or one a caption)
 *   l_it = -min(ρ_it Â_i, clip(ρ_it, 1 - ε_low, 1 + ε_high) Â_i)  +  β · KL_it
 *   L    = Σ_it w_i l_it  -  c · mean_it H_it                (w from the average; H the entropy of the next token)
 * </pre>
 *
 * <p>DeepSeekMath, arXiv 2402.03300, equation 3, with the variants of the parameters. A variant is a value here, never a branch.
 *
 * <p>Worked example: one caption of two tokens, Â = 1, log π_θ = (-1, -1), log π_old = (-1, -2), bounds 0.2, no KL: ρ = (1, e),
 * l = (-1, -1.2), and with the {@code GRPO} average L = -1.1 and ∂L/∂ log π_θ = (-0.5, 0).
 *
 * @param level of the ratio
 * @param clip bounds of the ratio
 * @param kl term that keeps the policy near the reference
 * @param entropyWeight c ≥ 0, of the entropy bonus: its mean is over the tokens of the loss batch, whatever the average
 * @param average of the token losses
 */
public record GrpoLoss(RatioLevel level, Clip clip, KlPenalty kl, double entropyWeight, LossAverage average) {
    /** @throws IllegalArgumentException if the entropy weight is negative or not finite */
    public GrpoLoss {
        Objects.requireNonNull(level, "level");
        Objects.requireNonNull(clip, "clip");
        Objects.requireNonNull(kl, "kl");
        Objects.requireNonNull(average, "average");
        if (!(entropyWeight >= 0) || Double.isInfinite(entropyWeight)) {
            throw new IllegalArgumentException("the entropy weight must be a finite number ≥ 0, got " + entropyWeight);
        }
    }

    /**
     * Loss and gradient of some captions of an update: a micro-batch, or all of them. Computed in double precision.
     *
     * @param captions in any grouping
     * @param entropies H_t of π_θ in nats, float[caption][token]; may be null if the entropy weight is 0
     * @param totals of the whole step
     * @throws IllegalArgumentException if the KL term needs reference log-probs, or the bonus entropies, that are not there
     */
    public PolicyLoss of(List<CaptionTokens> captions, float[][] entropies, BatchTotals totals) {
        double loss = 0;
        float[][] tokenLoss = new float[captions.size()][];
        float[][] gradLogp = new float[captions.size()][];
        LossMetrics metrics = LossMetrics.ZERO;
        for (int i = 0; i < captions.size(); i++) {
            CaptionTokens caption = captions.get(i);
            tokenLoss[i] = new float[caption.newLogp().length];
            gradLogp[i] = new float[caption.newLogp().length];
            double weight = average.tokenWeight(caption.tokens(), totals);
            loss += weight * caption(caption, weight, tokenLoss[i], gradLogp[i]);
            metrics = metrics.plus(metrics(caption));
        }
        double entropyGradient = entropyWeight == 0 ? 0.0 : -entropyWeight / Math.max(1, totals.tokens());
        if (entropyWeight != 0) {
            loss += entropyGradient * entropySum(captions, entropies);
        }
        return new PolicyLoss(loss, tokenLoss, gradLogp, (float) entropyGradient, metrics);
    }

    /** Fills l_t and w ∂(Σ l)/∂ log π_θ(o_t) of one caption and returns Σ_t l_t. */
    private double caption(CaptionTokens o, double weight, float[] tokenLoss, float[] gradLogp) {
        double[] ratio = ratios(o);
        double[] byLogRatio = new double[ratio.length];
        double[] byLogp = new double[ratio.length];
        double sum = 0;
        for (int t = 0; t < ratio.length; t++) {
            double l = clip.loss(ratio[t], o.advantage());
            byLogRatio[t] = clip.lossByLogRatio(ratio[t], o.advantage());
            if (kl.weight() != 0) {
                double d = logRefOverNew(o, t);
                double factor = kl.ratioWeighted() ? ratio[t] : 1.0;
                double penalty = kl.weight() * factor * kl.estimator().value(d);
                l += penalty;
                byLogp[t] = -kl.weight() * factor * kl.estimator().derivative(d);
                byLogRatio[t] += kl.ratioWeighted() ? penalty : 0.0;
            }
            tokenLoss[t] = (float) l;
            sum += l;
        }
        level.backward(byLogRatio);
        for (int t = 0; t < ratio.length; t++) {
            gradLogp[t] = (float) (weight * (byLogRatio[t] + byLogp[t]));
        }
        return sum;
    }

    private LossMetrics metrics(CaptionTokens o) {
        double[] ratio = ratios(o);
        double klSum = 0;
        for (int t = 0; t < ratio.length && kl.weight() != 0; t++) {
            klSum += (kl.ratioWeighted() ? ratio[t] : 1.0) * kl.estimator().value(logRefOverNew(o, t));
        }
        double ratioSum = 0;
        long low = 0;
        long high = 0;
        int ratios = level.ratios(ratio.length);
        for (int t = 0; t < ratios; t++) {
            ratioSum += ratio[t];
            low += clip.clipsLow(ratio[t], o.advantage()) ? 1 : 0;
            high += clip.clipsHigh(ratio[t], o.advantage()) ? 1 : 0;
        }
        return new LossMetrics(ratio.length, ratios, klSum, ratioSum, low, high);
    }

    /** ρ_t of the tokens that count. */
    private double[] ratios(CaptionTokens o) {
        double[] ratio = new double[o.tokens()];
        for (int t = 0; t < ratio.length; t++) {
            ratio[t] = (double) o.newLogp()[t] - o.oldLogp()[t];
        }
        level.forward(ratio);
        for (int t = 0; t < ratio.length; t++) {
            ratio[t] = Math.exp(ratio[t]);
        }
        return ratio;
    }

    private static double logRefOverNew(CaptionTokens o, int t) {
        if (o.refLogp() == null) {
            throw new IllegalArgumentException("the KL weight is not 0, but a caption has no reference log-probs");
        }
        return (double) o.refLogp()[t] - o.newLogp()[t];
    }

    private static double entropySum(List<CaptionTokens> captions, float[][] entropies) {
        if (entropies == null || entropies.length != captions.size()) {
            throw new IllegalArgumentException("the entropy weight is not 0, but the entropies of "
                    + (entropies == null ? 0 : entropies.length) + " of " + captions.size() + " captions were given");
        }
        double sum = 0;
        for (int i = 0; i < entropies.length; i++) {
            for (int t = 0; t < captions.get(i).tokens(); t++) {
                sum += entropies[i][t];
            }
        }
        return sum;
    }
}
