package org.caprl.core.nn;

import java.util.Arrays;
import org.caprl.core.autograd.Pass;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.Tensor;

/**
 * Rotary position embeddings: frequencies from a config, tables for a batch.
 *
 * @param spec frequencies and which axis of the positions drives each
 */
public record Rope(RotarySpec spec) {
    /** One-dimensional: headDim/2 frequencies, all driven by axis 0. */
    public static Rope text(int headDim, double theta) {
        return new Rope(new RotarySpec(frequencies(headDim, theta), new int[headDim / 2], 1f));
    }

    /** {@link #text(int, double)} with the frequencies of Llama 3. */
    public static Rope text(int headDim, double theta, Llama3 scaling) {
        float[] scaled = frequencies(headDim, theta);
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = scaling.scaled(scaled[i]);
        }
        return new Rope(new RotarySpec(scaled, new int[headDim / 2], 1f));
    }

    /**
     * Time-height-width in sections (Qwen2.5-VL's {@code mrope_section}): the first sections[0] frequencies follow axis 0, the next
     * sections[1] axis 1, the rest axis 2.
     */
    public static Rope sections(int headDim, double theta, int... sections) {
        int[] axis = new int[headDim / 2];
        int at = 0;
        for (int s = 0; s < sections.length; s++) {
            Arrays.fill(axis, at, at + sections[s], s);
            at += sections[s];
        }
        return new Rope(new RotarySpec(frequencies(headDim, theta), axis, 1f));
    }

    /**
     * Time-height-width by turns (Qwen3-VL's {@code mrope_interleaved}): the frequencies 1, 4, 7, … below 3·sections[1] follow axis 1, the
     * frequencies 2, 5, 8, … below 3·sections[2] axis 2, all others axis 0.
     */
    public static Rope interleaved(int headDim, double theta, int... sections) {
        int[] axis = new int[headDim / 2];
        for (int a = 1; a <= 2; a++) {
            for (int i = a; i < Math.min(3 * sections[a], axis.length); i += 3) {
                axis[i] = a;
            }
        }
        return new Rope(new RotarySpec(frequencies(headDim, theta), axis, 1f));
    }

    /** Rows and columns of image patches: headDim/4 frequencies for axis 0, the same ones again for axis 1. */
    public static Rope patches(int headDim, double theta) {
        float[] half = frequencies(headDim / 2, theta);
        float[] both = Arrays.copyOf(half, half.length * 2);
        System.arraycopy(half, 0, both, half.length, half.length);
        int[] axis = new int[both.length];
        Arrays.fill(axis, half.length, axis.length, 1);
        return new Rope(new RotarySpec(both, axis, 1f));
    }

    /** 1 / theta^(2i/dim) for i in 0 … dim/2 - 1, each step rounded to float32 as PyTorch does. */
    static float[] frequencies(int dim, double theta) {
        float[] f = new float[dim / 2];
        for (int i = 0; i < f.length; i++) {
            float exponent = (float) (2 * i) / (float) dim;
            f[i] = 1f / (float) Math.pow((float) theta, exponent);
        }
        return f;
    }

    /**
     * Frequencies for longer texts than a model was first trained on ({@code rope_type: llama3}, {@code _compute_llama3_parameters}): long
     * wavelengths are stretched by {@code factor}, short ones stay, those between go from one to the other.
     *
     * @param lowFactor wavelengths above originalPositions / lowFactor are stretched
     * @param highFactor wavelengths below originalPositions / highFactor stay
     * @param originalPositions longest sequence of the first training
     */
    public record Llama3(double factor, double lowFactor, double highFactor, int originalPositions) {
        /** In the order and rounding of PyTorch, which divides a number by a tensor as number · (1 / tensor). */
        private float scaled(float frequency) {
            float wavelength = 1f / frequency * (float) (2 * Math.PI);
            if (wavelength > (float) (originalPositions / lowFactor)) {
                return frequency / (float) factor;
            }
            if (wavelength < (float) (originalPositions / highFactor)) {
                return frequency;
            }
            float smooth = (1f / wavelength * originalPositions - (float) lowFactor) / (float) (highFactor - lowFactor);
            return (1f - smooth) * frequency / (float) factor + smooth * frequency;
        }
    }

    /** Tables for positions int32 [A,T]. */
    public Table table(Pass pass, Tensor positions) {
        int rows = positions.dim(1);
        int columns = spec.inverseFrequencies().length;
        Tensor cos = pass.scope().floats(rows, columns);
        Tensor sin = pass.scope().floats(rows, columns);
        pass.ops().rotaryTable(positions, spec, cos, sin);
        return new Table(cos, sin);
    }

    /** cos and sin of every angle, [T, headDim/2] each. */
    public record Table(Tensor cos, Tensor sin) {
        /** The angles of rows {@code index}, int32 [R]. */
        Table rows(Pass pass, Tensor index) {
            Tensor c = pass.scope().floats(index.rowCount(), cos.columns());
            Tensor s = pass.scope().floats(index.rowCount(), sin.columns());
            pass.ops().gatherRows(cos, index, c);
            pass.ops().gatherRows(sin, index, s);
            return new Table(c, s);
        }
    }
}
