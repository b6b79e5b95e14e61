package org.caprl.rollout.weights;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.caprl.core.RunStoppedException;

/** Hands weights to all who write captions at once, and waits until each has confirmed version and digest. */
public final class WeightPublisher {
    private final Duration limit;

    /** @param limit for all confirmations of one version together */
    public WeightPublisher(Duration limit) {
        this.limit = limit;
    }

    /**
     * Publishes.
     *
     * @throws RunStoppedException if one confirms other weights, naming it
     */
    public <C> void publish(WeightSet<C> weights, Collection<? extends WeightReceiver<C>> receivers) {
        long end = System.nanoTime() + limit.toNanos();
        List<WeightReceiver.Pending> pending = new ArrayList<>();
        receivers.forEach(receiver -> pending.add(receiver.install(weights)));
        int i = 0;
        for (WeightReceiver<C> receiver : receivers) {
            check(weights.packet(), receiver.name(), pending.get(i++).await(Duration.ofNanos(Math.max(1, end - System.nanoTime()))));
        }
    }

    /** @throws RunStoppedException if it is not what was sent */
    public static void check(WeightPacket sent, String receiver, WeightReceiver.Confirmation confirmed) {
        if (confirmed.version() != sent.version() || !confirmed.digest().equals(sent.digest())) {
            throw new RunStoppedException(receiver + " has weights of version " + confirmed.version() + " with digest "
                    + confirmed.digest() + ", but version " + sent.version() + " with digest " + sent.digest()
                    + " was sent; the captions would be of other weights");
        }
    }
}
