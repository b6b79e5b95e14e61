package org.caprl.reward.remote;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Requests that belong together. When one has used up its tries and no URL answered anybody meanwhile, the others need not try in vain.
 */
public final class Outage {
    private final AtomicReference<String> reason = new AtomicReference<>();

    void declare(String why) {
        reason.compareAndSet(null, why);
    }

    Optional<String> reason() {
        return Optional.ofNullable(reason.get());
    }
}
