package org.caprl.trainer.launch;

import java.util.List;
import java.util.stream.Stream;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.trainer.config.RunConfig;
import org.caprl.trainer.recipe.Overlap;

/**
 * The backends of a run in this JVM: one for all, or, since a backend is for one thread at a time, one more for what works beside the
 * others.
 *
 * @param reason why the backend was chosen
 * @param trainer of the policy and its reference
 * @param engine of captions
 * @param answerer of the frozen model
 */
record LocalBackends(String reason, TensorOps trainer, TensorOps engine, TensorOps answerer) implements AutoCloseable {
    /** Those that the overlap of the configuration needs. */
    static LocalBackends open(RunConfig config) {
        Backends.Choice choice = Backends.open(config.backend(), config.threads());
        TensorOps ops = choice.ops();
        Overlap overlap = config.ray().overlap();
        TensorOps beside = overlap == Overlap.NONE ? ops : Backends.open(config.backend(), config.threads()).ops();
        return new LocalBackends(choice.reason(), ops, overlap == Overlap.STEP ? beside : ops, overlap == Overlap.REWARD ? beside : ops);
    }

    /** One for all. */
    static LocalBackends of(TensorOps ops) {
        return new LocalBackends("", ops, ops, ops);
    }

    /** Each once. */
    List<TensorOps> all() {
        return Stream.of(trainer, engine, answerer).distinct().toList();
    }

    @Override
    public void close() {
        all().forEach(TensorOps::close);
    }
}
