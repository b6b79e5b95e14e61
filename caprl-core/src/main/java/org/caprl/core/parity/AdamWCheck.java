package org.caprl.core.parity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.autograd.Var;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;

/** Losses before each AdamW step and after the last. The bar of a loss is widened to twice what rounding alone was seen to change. */
final class AdamWCheck implements Check {
    private static final String LOSSES = "losses_before_each_step_and_final";

    @Override
    public Quantity quantity() {
        return Quantity.ADAMW;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.hasCompletion() && golden.meta().path("adamw").path(LOSSES).isArray();
    }

    @Override
    public Finding measure(CaseRun run) {
        GoldenCase golden = run.golden();
        JsonNode settings = golden.meta().get("adamw");
        List<Double> ours;
        try (CausalLm model = run.candidate().loadAgain()) {
            ours = losses(run, model, settings);
        }
        Finding worst = new Finding(0, quantity().tolerance(), "");
        for (int i = 0; i < ours.size(); i++) {
            double tolerance = Math.max(quantity().tolerance(), 2 * golden.adamwNoise().path(i).asDouble(0));
            double difference = new Finding.Largest().add(Math.abs(ours.get(i) - settings.get(LOSSES).get(i).asDouble()), "")
                    .of(quantity()).largest();
            if (difference / tolerance >= worst.largest() / worst.tolerance()) {
                worst = new Finding(difference, tolerance, "loss after " + i + " steps");
            }
        }
        return worst;
    }

    private static List<Double> losses(CaseRun run, CausalLm model, JsonNode settings) {
        TensorOps ops = run.candidate().ops();
        CompletionLoss loss = new CompletionLoss(ops, model, run.prompts().getFirst(), run.golden().completion());
        Map<Var, Tensor[]> moments = new LinkedHashMap<>();
        List<Double> losses = new ArrayList<>();
        try (TensorScope scope = new TensorScope(ops.memory())) {
            for (Var parameter : updated(run.golden(), model)) {
                int[] shape = parameter.value().shape();
                moments.put(parameter, new Tensor[] {scope.zeros(DType.F32, shape), scope.zeros(DType.F32, shape)});
            }
            for (int step = 1; step < settings.get(LOSSES).size(); step++) {
                losses.add(loss.differentiate());
                AdamWStep numbers = new AdamWStep(settings.path("lr").asDouble(), settings.path("betas").path(0).asDouble(),
                        settings.path("betas").path(1).asDouble(), settings.path("eps").asDouble(),
                        settings.path("weight_decay").asDouble(), step, 1.0);
                moments.forEach((parameter, m) -> ops.adamW(parameter.value(), parameter.grad(), m[0], m[1], numbers));
            }
        }
        losses.add(loss.value());
        return losses;
    }

    /** Parameters with a gradient; torch's optimizers pass over the others, weight decay included. */
    private static List<Var> updated(GoldenCase golden, CausalLm model) {
        List<Var> without = new ArrayList<>();
        golden.meta().path("grad_norms").properties().stream().filter(e -> e.getValue().isNull())
                .forEach(e -> without.add(GoldenNames.find(model.params(), e.getKey())));
        return model.params().values().stream().filter(v -> !without.contains(v)).toList();
    }
}
