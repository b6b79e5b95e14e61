package org.caprl.trainer.launch;

import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.config.RunConfig;

/** Everything in this JVM, on one backend. */
final class LocalPlacement implements Placement {
    private final Backends.Choice backend;
    private final TensorOps ops;

    LocalPlacement(RunConfig config) {
        this.backend = Backends.open(config.backend(), config.threads());
        this.ops = backend.ops();
    }

    @Override
    public String reason() {
        return backend.reason();
    }

    @Override
    public String plan(RunInputs inputs) {
        return DryRun.memory(inputs).text();
    }

    @Override
    public TrainingParts open(RunInputs inputs) {
        RunConfig config = inputs.config();
        Opened opened = new Opened();
        try {
            CausalLm policy = LocalParts.policy(opened, config, ops);
            RewardModels frozen = opened.add(RewardModels.load(config, ops));
            CausalLm reference = LocalParts.reference(opened, config, ops, policy);
            return LocalParts.of(opened, config, ops, policy, inputs.processor()::text, frozen, reference, inputs.room());
        } catch (RuntimeException e) {
            try (opened) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        ops.close();
    }
}
