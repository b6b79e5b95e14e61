package org.caprl.core.kernels.nd4j;

import java.util.IdentityHashMap;
import java.util.Map;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.Tensor;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Cos;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sin;
import org.nd4j.linalg.factory.Nd4j;

/** Rotary embedding: tables and rotations. */
final class Rotary implements AutoCloseable {
    private static final int SPECS = 16;

    private final Nd4jMemory memory;
    private final Map<RotarySpec, Numbers> known = new IdentityHashMap<>();

    /** A spec on the device: frequencies [1,F] and the axis of each [F]. */
    private record Numbers(INDArray frequencies, INDArray axes) {
    }

    Rotary(Nd4jMemory memory) {
        this.memory = memory;
    }

    void table(Tensor positions, RotarySpec spec, Tensor cos, Tensor sin) {
        Numbers numbers = numbersOf(spec);
        INDArray ofAxis = Nd.of(positions).castTo(DataType.FLOAT); // [A,T]
        INDArray chosen = Nd.gather(ofAxis, numbers.axes, Nd.empty(numbers.axes.length(), positions.dim(1))); // [F,T]
        INDArray angle = chosen.transpose().dup('c').muli(numbers.frequencies); // [T,F]
        Nd4j.exec(new Cos(angle, Nd.of(cos)));
        Nd4j.exec(new Sin(angle, Nd.of(sin)));
        if (spec.scale() != 1) {
            Nd.of(cos).muli(spec.scale());
            Nd.of(sin).muli(spec.scale());
        }
    }

    /** A model has one or two specs, which go to the device once. */
    private Numbers numbersOf(RotarySpec spec) {
        Numbers numbers = known.get(spec);
        if (numbers == null) {
            if (known.size() == SPECS) {
                close();
            }
            try (MemoryWorkspace _ = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
                numbers = new Numbers(Nd4j.createFromArray(spec.inverseFrequencies()).reshape(1, spec.inverseFrequencies().length),
                        Nd4j.createFromArray(spec.axis()));
            }
            memory.countIn();
            memory.countIn();
            known.put(spec, numbers);
        }
        return numbers;
    }

    static void rotate(Tensor x, Tensor cos, Tensor sin, boolean inverse, Tensor y) {
        INDArray first = half(x, cos, 0);
        INDArray second = half(x, cos, 1);
        INDArray c = Nd.as(cos, cos.dim(0), 1, cos.dim(1));
        INDArray s = Nd.as(sin, sin.dim(0), 1, sin.dim(1));
        INDArray newFirst = first.mul(c);
        INDArray newSecond = second.mul(c);
        if (inverse) {
            newFirst.addi(second.mul(s));
            newSecond.subi(first.mul(s));
        } else {
            newFirst.subi(second.mul(s));
            newSecond.addi(first.mul(s));
        }
        half(y, cos, 0).assign(newFirst);
        half(y, cos, 1).assign(newSecond);
    }

    /** The first or second half of every head, [T, heads, F]. */
    private static INDArray half(Tensor x, Tensor cos, int which) {
        long f = cos.dim(1);
        long columns = x.dim(1);
        return Nd.strided(x, which * f, new long[] {x.dim(0), columns / (2 * f), f}, new long[] {columns, 2 * f, 1});
    }

    @Override
    public void close() {
        known.values().forEach(numbers -> {
            numbers.frequencies.close();
            numbers.axes.close();
        });
        known.clear();
    }
}
