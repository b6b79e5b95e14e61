package org.caprl.trainer.launch;

import org.caprl.core.model.CausalLm;
import org.caprl.trainer.config.RunConfig;

/** Everything in this JVM. */
final class LocalPlacement implements Placement {
    private final LocalBackends backends;

    LocalPlacement(RunConfig config) {
        this.backends = LocalBackends.open(config);
    }

    @Override
    public String reason() {
        return backends.reason();
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
            CausalLm policy = LocalParts.policy(opened, config, backends.trainer());
            RewardModels frozen = opened.add(RewardModels.load(config, backends.answerer()));
            CausalLm reference = LocalParts.reference(opened, config, backends.trainer(), policy);
            return LocalParts.of(opened, config, backends, policy, inputs.processor()::text, frozen, reference, inputs.room());
        } catch (RuntimeException e) {
            try (opened) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        backends.close();
    }
}
