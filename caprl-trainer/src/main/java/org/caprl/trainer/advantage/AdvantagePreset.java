package org.caprl.trainer.advantage;

import org.caprl.trainer.advantage.GroupAdvantages.Scale;
import org.caprl.trainer.advantage.GroupAdvantages.Std;

/**
 * How known codebases divide by the group's standard deviation when they are told nothing else. They differ, and the name alone does not
 * say how.
 */
public enum AdvantagePreset {
    /** Hugging Face TRL, {@code GRPOTrainer}. The default here. */
    TRL(new GroupAdvantages(Scale.GROUP, Std.SAMPLE, 1e-4)),
    /** verl, {@code compute_grpo_outcome_advantage}. */
    VERL(new GroupAdvantages(Scale.GROUP, Std.SAMPLE, 1e-6)),
    /** OpenRLHF, advantage estimator {@code group_norm}. */
    OPENRLHF(new GroupAdvantages(Scale.GROUP, Std.SAMPLE, 1e-9)),
    /** nano-aha-moment and others that normalise with {@code numpy.std}. */
    NUMPY(new GroupAdvantages(Scale.GROUP, Std.POPULATION, 1e-4)),
    /** Dr. GRPO, arXiv 2503.20783: centred, not scaled. */
    DR_GRPO(new GroupAdvantages(Scale.NONE, Std.SAMPLE, 0.0));

    private final GroupAdvantages settings;

    AdvantagePreset(GroupAdvantages settings) {
        this.settings = settings;
    }

    /** The function with this codebase's settings. */
    public GroupAdvantages settings() {
        return settings;
    }
}
