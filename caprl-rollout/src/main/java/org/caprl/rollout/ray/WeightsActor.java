package org.caprl.rollout.ray;

import io.ray.api.ObjectRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.caprl.core.autograd.Var;
import org.caprl.core.nn.WeightType;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.TensorOps;
import org.caprl.core.tensor.TensorScope;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageWriter;
import org.caprl.rollout.weights.WeightPacket;

/** A process with weights of no model, which sends or takes them as trainer and caption actors do, for {@link WeightBroadcast}. */
public final class WeightsActor extends ServingActor {
    /** Elements of a tensor: those of a square matrix of 2048. */
    private static final int MATRIX = 2048;

    private final Map<String, Var> weights = new LinkedHashMap<>();
    private TensorOps ops;
    private WeightPacket packet;

    /** Makes so many matrices of 2048 x 2048 in float32, 16 MiB each. */
    public byte[] open(int matrices) {
        return onWorker(() -> {
            ops = Backends.open("cpu", 1).ops();
            // Its end is that of the process.
            TensorScope scope = new TensorScope(ops.memory(), MemoryOwner.WEIGHTS);
            for (int i = 0; i < matrices; i++) {
                weights.put("weights." + i, Var.parameter(scope.zeros(DType.F32, MATRIX, MATRIX)));
            }
            return Outcome.nothing();
        });
    }

    /** As a trainer: what the weights are. */
    public byte[] export(long version) {
        return onWorker(() -> {
            packet = WeightPacket.of(version, weights, WeightType.FLOAT32, ops, WeightPacket.CHUNK_BYTES);
            return packet.message();
        });
    }

    /** As a trainer: bytes of them. */
    public byte[] weights(int chunk) {
        return onWorker(() -> packet.chunk(chunk, weights, ops));
    }

    /** As a caption actor: takes weights, gives version and digest. */
    public byte[] install(byte[] message, List<ObjectRef<byte[]>> chunks) {
        return onWorker(() -> {
            WeightPacket sent = WeightPacket.of(message);
            return new MessageWriter(MessageKind.WEIGHTS).put(sent.version()).put(CaptionActor.take(sent, chunks, weights)).bytes();
        });
    }
}
