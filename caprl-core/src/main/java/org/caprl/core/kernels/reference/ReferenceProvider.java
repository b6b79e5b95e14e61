package org.caprl.core.kernels.reference;

import org.caprl.core.tensor.BackendProvider;
import org.caprl.core.tensor.TensorOps;

/** Offers {@link ReferenceOps}; never taken by {@code auto}. */
public final class ReferenceProvider implements BackendProvider {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public int preference() {
        return -1;
    }

    @Override
    public Availability probe() {
        return new Availability(true, "plain Java loops on one thread, slow", "");
    }

    @Override
    public TensorOps create(int threads) {
        return new ReferenceOps();
    }
}
