package org.caprl.core.parity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.caprl.core.autograd.Var;
import org.caprl.core.checkpoint.SafeTensorsFile;

/**
 * Gradients of every parameter: norm of the difference relative to the tensor's norm, over all of its values or over the first ones, where
 * only those are stored; then the norms are compared too. Parameters whose gradient is rounding noise are held to a millionth of the norm
 * of all gradients, scaled here to the same bar; one that has no gradient must be zero.
 */
final class GradientsCheck implements Check {
    private static final double NOISE_TOLERANCE = 1e-6;

    @Override
    public Quantity quantity() {
        return Quantity.GRADS;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.hasCompletion() && (golden.gradients() != null || golden.meta().path("grad_norms").isObject());
    }

    @Override
    public Finding measure(CaseRun run) {
        GoldenCase golden = run.golden();
        new CompletionLoss(run.candidate().ops(), run.candidate().model(), run.prompts().getFirst(), golden.completion()).differentiate();
        Finding.Largest largest = new Finding.Largest();
        Set<String> noise = new HashSet<>();
        golden.meta().path("params_with_noise_level_gradient").forEach(n -> noise.add(n.asText()));
        for (String name : names(golden)) {
            Var parameter = GoldenNames.find(run.candidate().model().params(), name);
            float[] ours = parameter == null ? null : Candidate.values(parameter.grad());
            largest.add(difference(golden, name, ours, noise.contains(name)), name);
        }
        return largest.of(quantity());
    }

    private static Set<String> names(GoldenCase golden) {
        Set<String> names = new TreeSet<>();
        golden.meta().path("grad_norms").fieldNames().forEachRemaining(names::add);
        if (golden.gradients() != null) {
            names.addAll(golden.gradients().names());
        }
        return names;
    }

    private double difference(GoldenCase golden, String name, float[] ours, boolean noise) {
        SafeTensorsFile file = golden.gradients();
        JsonNode stored = golden.meta().path("grad_norms").path(name);
        float[] values = file != null && file.contains(name) ? file.floats(name) : new float[0];
        if (stored.isNull()) {
            return ours == null || Differences.norm(ours) == 0 ? 0 : 1;
        }
        if (ours == null || values.length > ours.length) {
            return Double.NaN;
        }
        boolean whole = values.length == ours.length;
        double norm = whole ? Differences.norm(values) : stored.asDouble(Double.NaN);
        double off = Differences.norm(ours, values, values.length);
        if (!whole) {
            double offNorm = Math.abs(Differences.norm(ours) - norm);
            off = offNorm > off || Double.isNaN(offNorm) ? offNorm : off;
        }
        if (noise) {
            double total = golden.meta().path("grad_total_norm").asDouble(Double.NaN);
            return off / total * (quantity().tolerance() / NOISE_TOLERANCE);
        }
        return off == 0 ? 0 : off / norm;
    }
}
