package org.caprl.rollout.weights;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.message.MessageWriter;

/**
 * What a set of weights consists of: named tensors in a fixed order, their bytes one after the other, cut into chunks. Each tensor begins
 * at a multiple of {@value #ALIGNMENT} bytes, so that no cut goes through an element. Only what is trained is in it: all weights, or the
 * adapters.
 *
 * @param version of the weights
 * @param digest SHA-256 of the bytes of all tensors, hexadecimal
 * @param tensors in the order of their bytes
 * @param chunkBytes size of each chunk but the last
 */
public record WeightPacket(long version, String digest, List<Part> tensors, int chunkBytes) {
    /** Small enough for an array and for any object store, large enough that a policy of 7 billion weights has a few hundred. */
    public static final int CHUNK_BYTES = 64 << 20;
    /** Bytes of the largest element. */
    private static final int ALIGNMENT = 4;

    /**
     * One tensor.
     *
     * @param name in the checkpoint
     * @param dtype of its elements in the packet, that of the engines
     * @param elements how many
     */
    public record Part(String name, DType dtype, long elements) {
        /** Bytes of the elements. */
        public long bytes() {
            return elements * dtype.bytes();
        }

        /** Bytes from its beginning to that of the next. */
        long room() {
            return Math.ceilDiv(bytes(), ALIGNMENT) * ALIGNMENT;
        }
    }

    /** @throws IllegalArgumentException if chunks would cut through elements */
    public WeightPacket {
        tensors = List.copyOf(tensors);
        if (chunkBytes < ALIGNMENT || chunkBytes % ALIGNMENT != 0) {
            throw new IllegalArgumentException("chunks of " + chunkBytes + " bytes; expected a multiple of " + ALIGNMENT);
        }
    }

    /** Bytes of all chunks. */
    public long bytes() {
        return tensors.stream().mapToLong(Part::room).sum();
    }

    /** Number of chunks. */
    public int chunks() {
        return Math.toIntExact(Math.ceilDiv(bytes(), chunkBytes));
    }

    /** Bytes of a chunk. */
    public int chunkBytes(int chunk) {
        return Math.toIntExact(Math.min(chunkBytes, bytes() - (long) chunk * chunkBytes));
    }

    /**
     * Describes weights as they are now; reads all of them once for the digest.
     *
     * @param type that engines hold them in; others are rounded
     * @param chunkBytes of each chunk but the last
     */
    public static WeightPacket of(long version, Map<String, Var> weights, WeightType type, TensorOps ops, int chunkBytes) {
        List<Part> parts = weights.entrySet().stream().map(e -> new Part(e.getKey(), type.of(e.getValue().value().shape()),
                e.getValue().value().size())).toList();
        WeightDigest digest = new WeightDigest();
        for (Part part : parts) {
            inType(weights.get(part.name()).value(), part.dtype(), ops, tensor -> digest.add(tensor.toHost()));
        }
        return new WeightPacket(version, digest.hex(), parts, chunkBytes);
    }

    /** The bytes of a chunk, of weights that have not changed since {@link #of}. */
    public byte[] chunk(int chunk, Map<String, Var> weights, TensorOps ops) {
        byte[] bytes = new byte[chunkBytes(chunk)];
        new ChunkRange(this, chunk).forEach((part, from, to, at) -> {
            Tensor elements = flat(weights.get(part.name()).value()).rows(from, to);
            inType(elements, part.dtype(), ops, tensor -> MemorySegment.copy(tensor.toHost(),
                    ValueLayout.JAVA_BYTE, 0, bytes, at, Math.toIntExact(tensor.byteSize())));
        });
        return bytes;
    }

    static Tensor flat(Tensor tensor) {
        return tensor.reshape(Math.toIntExact(tensor.size()));
    }

    private static void inType(Tensor tensor, DType dtype, TensorOps ops, Consumer<Tensor> use) {
        if (tensor.dtype() == dtype) {
            use.accept(tensor);
            return;
        }
        try (TensorScope scope = new TensorScope(ops.memory(), MemoryOwner.WORKSPACE)) {
            Tensor rounded = scope.allocate(dtype, tensor.shape());
            ops.copy(tensor, rounded);
            use.accept(rounded);
        }
    }

    /** As a message. */
    public byte[] message() {
        return new MessageWriter(MessageKind.WEIGHTS).put(version).put(digest).put(chunkBytes)
                .putAll(tensors, (m, t) -> m.put(t.name()).put(t.dtype()).put(t.elements())).bytes();
    }

    /** From a message. */
    public static WeightPacket of(byte[] message) {
        MessageReader reader = new MessageReader(message, MessageKind.WEIGHTS);
        long version = reader.number();
        String digest = reader.text();
        int chunkBytes = reader.integer();
        WeightPacket packet = new WeightPacket(version, digest,
                reader.all(m -> new Part(m.text(), m.constant(DType.class), m.number())), chunkBytes);
        reader.end();
        return packet;
    }
}
