package org.caprl.trainer.launch;

import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
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
            CausalLm policy = opened.add(Models.load(config.policy().path(), backends.trainer(), LocalParts.trainedType(config),
                    LocalParts.adapters(config)));
            LoadedModel frozen = opened.add(LoadedModel.load(config.answerer().path(), backends.answerer(), config.answerer().dtype()));
            CausalLm reference = LocalParts.copiesReference(config)
                    ? opened.add(Models.load(config.policy().path(), backends.trainer(), config.policy().dtype())) : policy;
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
