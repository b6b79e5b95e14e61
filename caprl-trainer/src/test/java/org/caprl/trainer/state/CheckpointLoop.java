package org.caprl.trainer.state;

import java.nio.file.Path;
import java.util.List;
import org.caprl.core.metrics.MetricKey;
import org.caprl.core.metrics.StepMetrics;

/** A process that does nothing but save, until it is killed: {@code RUNS SOURCE}. It prints a line for every step that was saved. */
final class CheckpointLoop {
    static final String NAME = "killed";
    static final String CONFIG = "seed: 1\n";

    private CheckpointLoop() {
    }

    public static void main(String[] args) {
        try (TinyPolicy policy = new TinyPolicy(Path.of(args[1])); RunDirectory run = RunDirectory.open(Path.of(args[0]), NAME, CONFIG)) {
            int step = 0;
            if (run.latest().isPresent()) {
                Checkpoint latest = run.latest().get();
                latest.restore(policy.model, policy.optimizer);
                step = latest.state().step();
                if (!policy.isAt(step)) {
                    throw new IllegalStateException("checkpoint " + step + " holds other numbers than were saved");
                }
            }
            while (true) {
                step++;
                policy.setTo(step);
                run.metrics().append(StepMetrics.at(step).put(MetricKey.REWARD_MEAN, step).build());
                run.samples().write(step, List.of());
                run.save(policy.state(step), policy.writer(step), 2);
                System.out.println(step);
            }
        }
    }
}
