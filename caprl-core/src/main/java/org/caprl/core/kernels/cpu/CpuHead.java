package org.caprl.core.kernels.cpu;

import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.Storage;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;

/** Log-probabilities of targets and their gradients, a chunk of rows of logits at a time; backward computes the logits again. */
final class CpuHead implements ThreadTeam.Task {
    /** Bytes of logits held at a time, as far as {@link #MIN_ROWS} allows. */
    private static final long CHUNK_BYTES = 32L << 20;
    private static final int MIN_ROWS = 32;
    private static final int MAX_ROWS = 256;

    private final ThreadTeam team;
    private final TensorOps ops;
    private final Memory memory;
    private boolean backward;
    private int rows;
    private int vocabulary;
    private float factor;
    private long z;
    private long targets;
    private long logProb;
    private long entropy;
    private long logSumExp;
    private long dLogProb;
    private long dEntropy;

    CpuHead(ThreadTeam team, TensorOps ops, Memory memory) {
        this.team = team;
        this.ops = ops;
        this.memory = memory;
    }

    void forward(Tensor hidden, Tensor head, Tensor target, float temperature, Tensor outLogProb, Tensor outEntropy, Tensor outLogSumExp) {
        backward = false;
        vocabulary = head.dim(0);
        factor = 1f / temperature;
        int chunk = chunkRows();
        Storage storage = memory.take(4L * chunk * vocabulary);
        try {
            Tensor logits = new Tensor(DType.F32, storage, chunk, vocabulary);
            for (int first = 0; first < hidden.dim(0); first += chunk) {
                rows = Math.min(chunk, hidden.dim(0) - first);
                logits(hidden, head, first, logits);
                targets = Lanes.address(target) + 4L * first;
                logProb = Lanes.address(outLogProb) + 4L * first;
                entropy = Lanes.address(outEntropy) + 4L * first;
                logSumExp = Lanes.address(outLogSumExp) + 4L * first;
                team.run(this);
            }
        } finally {
            memory.give(storage);
        }
    }

    void backward(Tensor hidden, Tensor head, Tensor target, float temperature, Tensor inEntropy, Tensor inLogSumExp, Tensor gradLogProb,
            Tensor gradEntropy, Tensor dHidden, Tensor dHead) {
        backward = true;
        vocabulary = head.dim(0);
        factor = 1f / temperature;
        int chunk = chunkRows();
        Storage storage = memory.take(4L * chunk * vocabulary);
        try {
            Tensor logits = new Tensor(DType.F32, storage, chunk, vocabulary);
            for (int first = 0; first < hidden.dim(0); first += chunk) {
                rows = Math.min(chunk, hidden.dim(0) - first);
                Tensor dz = logits(hidden, head, first, logits);
                targets = Lanes.address(target) + 4L * first;
                entropy = Lanes.address(inEntropy) + 4L * first;
                logSumExp = Lanes.address(inLogSumExp) + 4L * first;
                dLogProb = Lanes.address(gradLogProb) + 4L * first;
                dEntropy = gradEntropy == null ? 0 : Lanes.address(gradEntropy) + 4L * first;
                team.run(this);
                ops.linearInputGrad(dz, head, dHidden.rows(first, first + rows), false);
                if (dHead != null) {
                    ops.linearWeightGrad(dz, hidden.rows(first, first + rows), dHead, null);
                }
            }
        } finally {
            memory.give(storage);
        }
    }

    private int chunkRows() {
        return Math.clamp(CHUNK_BYTES / (4L * vocabulary), MIN_ROWS, MAX_ROWS);
    }

    private Tensor logits(Tensor hidden, Tensor head, int first, Tensor room) {
        Tensor part = rows == room.dim(0) ? room : room.rows(0, rows);
        ops.linear(hidden.rows(first, first + rows), head, null, part);
        z = Lanes.address(part);
        return part;
    }

    @Override
    public void run(int member, int members) {
        int to = (int) ((long) rows * (member + 1) / members);
        for (int row = (int) ((long) rows * member / members); row < to; row++) {
            long at = z + 4L * row * vocabulary;
            int target = Lanes.getInt(targets + 4L * row);
            if (backward) {
                LogSoftmax.gradient(at, vocabulary, factor, Lanes.get(logSumExp + 4L * row), target, Lanes.get(dLogProb + 4L * row),
                        dEntropy == 0 ? 0 : Lanes.get(dEntropy + 4L * row), Lanes.get(entropy + 4L * row));
            } else {
                float lse = (float) LogSoftmax.logSumExp(at, vocabulary, factor, Rows.max(at, vocabulary) * factor);
                Lanes.set(logSumExp + 4L * row, lse);
                Lanes.set(logProb + 4L * row, Lanes.get(at + 4L * target) * factor - lse);
                Lanes.set(entropy + 4L * row, (float) LogSoftmax.entropy(at, vocabulary, factor, lse));
            }
        }
    }
}
