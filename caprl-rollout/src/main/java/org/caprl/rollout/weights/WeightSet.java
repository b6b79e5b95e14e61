package org.caprl.rollout.weights;

import java.util.List;

/**
 * Weights that can be handed out: what they are, and where their chunks are.
 *
 * @param packet version, digest, tensors
 * @param chunks a reference to each chunk, in order
 * @param <C> what refers to bytes that lie elsewhere
 */
public record WeightSet<C>(WeightPacket packet, List<C> chunks) {
    /** @throws IllegalArgumentException if there is not a reference a chunk */
    public WeightSet {
        chunks = List.copyOf(chunks);
        if (chunks.size() != packet.chunks()) {
            throw new IllegalArgumentException(chunks.size() + " chunks of weights, expected " + packet.chunks());
        }
    }
}
