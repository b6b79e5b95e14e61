package org.caprl.core.tensor;

import java.util.Locale;

/** What native memory is for, so that a run can say who holds how much. */
public enum MemoryOwner {
    /** Parameters of models, trained or frozen. */
    WEIGHTS,
    /** Gradients of parameters. */
    GRADIENTS,
    /** The optimizer's moments. */
    OPTIMIZER,
    /** What a training pass keeps from forward to backward, and the gradients of it. */
    ACTIVATIONS,
    /** Keys and values of generation. */
    KV_PAGES,
    /** Everything else: intermediate results of generation, packed copies of weights, working memory of kernels. */
    WORKSPACE;

    /** The name in metrics: {@code kv_pages}. */
    public String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
