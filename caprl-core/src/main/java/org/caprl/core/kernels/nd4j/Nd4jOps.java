package org.caprl.core.kernels.nd4j;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.SamplingRows;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorOps;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.memory.enums.SpillPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The waist in whole-array operations of ND4J. Weights of {@link #linear}, {@link #linearInputGrad}, {@link #gatherRows} and of the head
 * may be bfloat16.
 *
 * <p>Each operation works in a workspace that it leaves empty. Shapes are taken as given: {@link org.caprl.core.tensor.CheckedOps} checks
 * them. What crosses between host and device is counted by {@link Memory#copiesIn()} and {@link Memory#copiesOut()}.
 */
public final class Nd4jOps implements TensorOps {
    private static final WorkspaceConfiguration SCRATCH = WorkspaceConfiguration.builder().policyLearning(LearningPolicy.FIRST_LOOP)
            .policySpill(SpillPolicy.REALLOCATE).build();
    private static final AtomicInteger ENGINES = new AtomicInteger();

    private final String workspace = "caprl-" + ENGINES.incrementAndGet();
    private final int threads;
    private final Nd4jMemory memory = new Nd4jMemory();
    private final Counting counting = new Counting();
    private final Rows rows = new Rows(counting);
    private final Dropout dropout = new Dropout(memory);
    private final Rotary rotary = new Rotary(memory);
    private final Attention attention = new Attention(memory, counting);
    private final Head head = new Head(counting);
    private final Sampling sampling = new Sampling(memory, counting);

    /** Starts ND4J. Its number of threads is one for the process: the engine made last sets it. */
    public Nd4jOps(int threads) {
        this.threads = threads;
        Nd4jRuntime.start();
        Nd4jRuntime.useThreads(threads);
    }

    private void work(Runnable body) {
        try (MemoryWorkspace _ = Nd4j.getWorkspaceManager().getAndActivateWorkspace(SCRATCH, workspace)) {
            body.run();
        }
    }

    @Override
    public String name() {
        return "nd4j";
    }

    @Override
    public Memory memory() {
        return memory;
    }

    @Override
    public int threads() {
        return threads;
    }

    @Override
    public void linear(Tensor x, Tensor w, Tensor bias, Tensor y) {
        if (y.size() > 0) {
            work(() -> Products.linear(x, w, bias, y));
        }
    }

    @Override
    public void linearInputGrad(Tensor dy, Tensor w, Tensor dx, boolean accumulate) {
        if (dx.size() > 0) {
            work(() -> Products.inputGrad(dy, w, dx, accumulate));
        }
    }

    @Override
    public void linearWeightGrad(Tensor dy, Tensor x, Tensor dw, Tensor db) {
        if (dy.size() > 0) {
            work(() -> Products.weightGrad(dy, x, dw, db));
        }
    }

    @Override
    public void gatherRows(Tensor x, Tensor index, Tensor y) {
        if (y.size() > 0) {
            work(() -> rows.gather(x, index, y));
        }
    }

    @Override
    public void scatterRows(Tensor x, Tensor index, Tensor y) {
        if (x.size() > 0) {
            work(() -> rows.scatter(x, index, y));
        }
    }

    @Override
    public void scatterAddRows(Tensor x, Tensor index, Tensor y) {
        if (x.size() > 0) {
            work(() -> Rows.scatterAdd(x, index, y));
        }
    }

    @Override
    public void add(Tensor a, Tensor b, Tensor y) {
        if (y.size() > 0) {
            work(() -> Nd.of(a).add(Nd.of(b), Nd.of(y)));
        }
    }

    @Override
    public void scale(Tensor x, float factor, Tensor y) {
        if (y.size() > 0) {
            work(() -> Nd.of(x).mul(factor, Nd.of(y)));
        }
    }

    @Override
    public void copy(Tensor x, Tensor y) {
        if (y.size() > 0) {
            work(() -> Nd.of(y).assign(Nd.of(x)));
        }
    }

    @Override
    public void fill(Tensor y, float value) {
        if (y.size() > 0) {
            work(() -> Nd.of(y).assign(value));
        }
    }

    @Override
    public void swiglu(Tensor gate, Tensor up, Tensor y) {
        if (y.size() > 0) {
            work(() -> Elements.swiglu(gate, up, y));
        }
    }

    @Override
    public void swigluBackward(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        if (dy.size() > 0) {
            work(() -> Elements.swigluBackward(dy, gate, up, dGate, dUp));
        }
    }

    @Override
    public void gelu(Tensor x, Gelu kind, Tensor y) {
        if (y.size() > 0) {
            work(() -> Elements.gelu(x, kind, y));
        }
    }

    @Override
    public void geluBackward(Tensor dy, Tensor x, Gelu kind, Tensor dx) {
        if (dx.size() > 0) {
            work(() -> Elements.geluBackward(dy, x, kind, dx));
        }
    }

    @Override
    public void dropout(Tensor x, Tensor rows, long key, long firstRow, float rate, Tensor y) {
        if (y.size() > 0) {
            work(() -> dropout.apply(x, rows, key, firstRow, rate, y));
        }
    }

    @Override
    public void rmsNorm(Tensor x, Tensor w, float epsilon, Tensor y, Tensor inverseRms) {
        if (x.size() > 0) {
            work(() -> Norms.rms(x, w, epsilon, y, inverseRms));
        }
    }

    @Override
    public void rmsNormBackward(Tensor dy, Tensor x, Tensor w, Tensor inverseRms, Tensor dx, Tensor dw) {
        if (x.size() > 0) {
            work(() -> Norms.rmsBackward(dy, x, w, inverseRms, dx, dw));
        }
    }

    @Override
    public void layerNorm(Tensor x, Tensor w, Tensor b, float epsilon, Tensor y, Tensor statistics) {
        if (x.size() > 0) {
            work(() -> Norms.layer(x, w, b, epsilon, y, statistics));
        }
    }

    @Override
    public void layerNormBackward(Tensor dy, Tensor x, Tensor w, Tensor statistics, Tensor dx, Tensor dw, Tensor db) {
        if (x.size() > 0) {
            work(() -> Norms.layerBackward(dy, x, w, statistics, dx, dw, db));
        }
    }

    @Override
    public void scaleColumns(Tensor x, Tensor w, Tensor y) {
        if (x.size() > 0) {
            work(() -> Norms.scaleColumns(x, w, y));
        }
    }

    @Override
    public void scaleColumnsBackward(Tensor dy, Tensor x, Tensor w, Tensor dx, Tensor dw) {
        if (x.size() > 0) {
            work(() -> Norms.scaleColumnsBackward(dy, x, w, dx, dw));
        }
    }

    @Override
    public void rotaryTable(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        if (cos.size() > 0) {
            work(() -> rotary.table(positions, spec, cos, sin));
        }
    }

    @Override
    public void rotary(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        if (x.size() > 0) {
            work(() -> Rotary.rotate(x, cos, sin, inverse, y));
        }
    }

    @Override
    public void attention(Tensor q, Tensor k, Tensor v, AttentionPlan plan, int headDim, float scale, Tensor out, Tensor logSumExp) {
        work(() -> attention.forward(q, k, v, plan, headDim, scale, out, logSumExp));
    }

    @Override
    public void attentionBackward(Tensor dOut, Tensor q, Tensor k, Tensor v, Tensor out, Tensor logSumExp, AttentionPlan plan, int headDim,
            float scale, Tensor dq, Tensor dk, Tensor dv) {
        work(() -> attention.backward(dOut, q, k, v, out, logSumExp, plan, headDim, scale, dq, dk, dv));
    }

    @Override
    public void selectedLogProbs(Tensor hidden, Tensor weight, Tensor targets, float temperature, Tensor logProb, Tensor entropy,
            Tensor logSumExp) {
        int most = Head.rowsAtATime(weight);
        for (int from = 0; from < hidden.dim(0); from += most) {
            int start = from;
            int end = Math.min(hidden.dim(0), from + most);
            work(() -> head.forward(hidden.rows(start, end), weight, targets.rows(start, end), temperature, logProb.rows(start, end),
                    entropy.rows(start, end), logSumExp.rows(start, end)));
        }
    }

    @Override
    public void selectedLogProbsBackward(Tensor hidden, Tensor weight, Tensor targets, float temperature, Tensor entropy, Tensor logSumExp,
            Tensor dLogProb, Tensor dEntropy, Tensor dHidden, Tensor dHead) {
        int most = Head.rowsAtATime(weight);
        for (int from = 0; from < hidden.dim(0); from += most) {
            int start = from;
            int end = Math.min(hidden.dim(0), from + most);
            work(() -> head.backward(hidden.rows(start, end), weight, targets.rows(start, end), temperature, entropy.rows(start, end),
                    logSumExp.rows(start, end), dLogProb.rows(start, end), dEntropy == null ? null : dEntropy.rows(start, end),
                    dHidden.rows(start, end), dHead));
        }
    }

    @Override
    public void sample(Tensor logits, SamplingRows settings, Tensor ids, Tensor logProbs) {
        if (logits.dim(0) > 0) {
            work(() -> sampling.sample(logits, settings, ids, logProbs));
        }
    }

    @Override
    public double sumOfSquares(Tensor x) {
        return sumOfSquares(List.of(x));
    }

    @Override
    public double sumOfSquares(List<Tensor> tensors) {
        try (MemoryWorkspace _ = Nd4j.getMemoryManager().scopeOutOfWorkspaces(); INDArray sum = Nd4j.zeros(DataType.DOUBLE, 1)) {
            for (Tensor x : tensors) {
                Update.parts(x.size(), from -> work(() -> Update.addSquares(Update.part(x, from), sum)));
            }
            memory.countOut();
            return sum.getDouble(0);
        }
    }

    @Override
    public void adamW(Tensor param, Tensor grad, Tensor m, Tensor v, AdamWStep step) {
        Update.parts(param.size(), from -> work(() ->
                Update.adamW(Update.part(param, from), Update.part(grad, from), Update.part(m, from), Update.part(v, from), step)));
        param.markWritten();
    }

    /** Frees this engine's memory; ND4J itself stays loaded. */
    @Override
    public void close() {
        attention.close();
        rotary.close();
        counting.close();
        memory.close();
        Nd4jRuntime.forget(workspace);
    }
}
