package org.caprl.rollout.weights;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.caprl.core.autograd.Var;

/**
 * Writes a packet's chunks, in order, into the weights of a model. The weights are of no version between the first chunk and
 * {@link #finish}.
 */
public final class WeightIntake {
    private final WeightPacket packet;
    private final Map<String, Var> weights;
    private final WeightDigest digest = new WeightDigest();
    private int next;

    /** @throws IllegalArgumentException if the packet is not of just these weights, by name, type and size */
    public WeightIntake(WeightPacket packet, Map<String, Var> weights) {
        this.packet = packet;
        this.weights = weights;
        List<WeightPacket.Part> here = weights.entrySet().stream()
                .map(e -> new WeightPacket.Part(e.getKey(), e.getValue().value().dtype(), e.getValue().value().size())).toList();
        if (!here.equals(packet.tensors())) {
            for (int i = 0; i < Math.max(here.size(), packet.tensors().size()); i++) {
                Object mine = i < here.size() ? here.get(i) : "nothing";
                Object sent = i < packet.tensors().size() ? packet.tensors().get(i) : "nothing";
                if (!mine.equals(sent)) {
                    throw new IllegalArgumentException("the weights sent are of another model: tensor " + i + " is " + sent
                            + ", here it is " + mine);
                }
            }
        }
    }

    /** Takes the next chunk. @throws IllegalArgumentException if it is not as long as the packet says */
    public void accept(byte[] chunk) {
        if (next == packet.chunks() || chunk.length != packet.chunkBytes(next)) {
            throw new IllegalArgumentException("chunk " + next + " of weights of version " + packet.version() + " has " + chunk.length
                    + " bytes, expected " + (next == packet.chunks() ? "no more chunks" : packet.chunkBytes(next)));
        }
        MemorySegment bytes = MemorySegment.ofArray(chunk);
        new ChunkRange(packet, next).forEach((part, from, to, at) -> {
            MemorySegment sent = bytes.asSlice(at, (long) (to - from) * part.dtype().bytes());
            digest.add(sent);
            WeightPacket.flat(weights.get(part.name()).value()).rows(from, to).write(elements -> elements.copyFrom(sent));
        });
        next++;
    }

    /** The digest of what was taken. @throws IllegalStateException if chunks are missing */
    public String finish() {
        if (next != packet.chunks()) {
            throw new IllegalStateException(next + " of " + packet.chunks() + " chunks of weights of version " + packet.version()
                    + " came");
        }
        return digest.hex();
    }
}
