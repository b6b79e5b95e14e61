package org.caprl.trainer.launch;

import java.nio.file.Path;
import java.util.List;
import org.caprl.core.metrics.StepMetrics;
import org.caprl.core.model.CausalLm;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.state.Checkpoint;
import org.caprl.trainer.state.RunDirectory;
import org.caprl.trainer.state.TrainState;
import org.caprl.trainer.update.AdamW;
import org.caprl.trainer.update.GroupUpdate;
import org.caprl.trainer.update.TrainingGroup;
import org.caprl.trainer.update.UpdateReport;

/** A policy in this JVM with its optimizer, which is closed with it; the policy is not. */
public final class LocalPolicyTrainer implements PolicyTrainer {
    private final TensorOps ops;
    private final CausalLm policy;
    private final Path source;
    private final AdamW optimizer;
    private final GroupUpdate update;

    /**
     * A trainer.
     *
     * @param source the Hugging Face folder that the policy was loaded from
     * @param update moves the policy by the optimizer
     */
    public LocalPolicyTrainer(TensorOps ops, CausalLm policy, Path source, AdamW optimizer, GroupUpdate update) {
        this.ops = ops;
        this.policy = policy;
        this.source = source;
        this.optimizer = optimizer;
        this.update = update;
    }

    @Override
    public UpdateReport step(List<TrainingGroup> groups) {
        return update.step(groups);
    }

    @Override
    public void check(RunDirectory directory) {
        directory.requireSpace(Checkpoint.bytes(policy));
    }

    @Override
    public void write(Path folder, TrainState state) {
        Checkpoint.write(folder, state, policy, source, optimizer);
    }

    @Override
    public void restore(Checkpoint checkpoint) {
        checkpoint.restore(policy, optimizer);
    }

    @Override
    public int optimizerSteps() {
        return optimizer.steps();
    }

    @Override
    public void memory(StepMetrics.Builder metrics) {
        BackendMemory.put(metrics, List.of(ops));
    }

    @Override
    public void close() {
        optimizer.close();
    }
}
