package org.caprl.core.kernels.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows times one panel of weights, in registers: y = x · panel, each output one chain of fused multiply-adds from zero.
 *
 * <p>Loops are written as {@code while (x != end)}: C2 unrolls counted loops, spills the accumulators and halves the speed.
 */
final class PanelKernels {
    /**
     * The longest chain of multiply-adds. Longer sums are sums of chains, here and in {@link Products}: oneDNN keeps one chain up to this
     * length (to twice as much without AVX-512), so a row has the same bits whichever of the two computes it.
     */
    static final int CHAIN = 512;

    private static final int UPPER = 0xFFFF0000;

    private PanelKernels() {
    }

    /** Four rows, {@code xRow} and {@code yRow} bytes apart. */
    static void rows4(long x, long xRow, long panel, int depth, long y, long yRow) {
        FloatVector s00 = FloatVector.zero(Lanes.S);
        FloatVector s01 = FloatVector.zero(Lanes.S);
        FloatVector s10 = FloatVector.zero(Lanes.S);
        FloatVector s11 = FloatVector.zero(Lanes.S);
        FloatVector s20 = FloatVector.zero(Lanes.S);
        FloatVector s21 = FloatVector.zero(Lanes.S);
        FloatVector s30 = FloatVector.zero(Lanes.S);
        FloatVector s31 = FloatVector.zero(Lanes.S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            FloatVector w0 = Lanes.load(w);
            FloatVector w1 = Lanes.load(w + Lanes.VB);
            FloatVector v = Lanes.broadcast(at);
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            v = Lanes.broadcast(at + xRow);
            s10 = v.fma(w0, s10);
            s11 = v.fma(w1, s11);
            v = Lanes.broadcast(at + 2 * xRow);
            s20 = v.fma(w0, s20);
            s21 = v.fma(w1, s21);
            v = Lanes.broadcast(at + 3 * xRow);
            s30 = v.fma(w0, s30);
            s31 = v.fma(w1, s31);
            at += 4;
            w += 2 * Lanes.VB;
        }
        Lanes.store(s00, y);
        Lanes.store(s01, y + Lanes.VB);
        Lanes.store(s10, y + yRow);
        Lanes.store(s11, y + yRow + Lanes.VB);
        Lanes.store(s20, y + 2 * yRow);
        Lanes.store(s21, y + 2 * yRow + Lanes.VB);
        Lanes.store(s30, y + 3 * yRow);
        Lanes.store(s31, y + 3 * yRow + Lanes.VB);
    }

    /** One row and one panel. */
    static void row1(long x, long panel, int depth, long y) {
        FloatVector s0 = FloatVector.zero(Lanes.S);
        FloatVector s1 = FloatVector.zero(Lanes.S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            FloatVector v = Lanes.broadcast(at);
            s0 = v.fma(Lanes.load(w), s0);
            s1 = v.fma(Lanes.load(w + Lanes.VB), s1);
            at += 4;
            w += 2 * Lanes.VB;
        }
        Lanes.store(s0, y);
        Lanes.store(s1, y + Lanes.VB);
    }

    /** One row and four adjacent panels: eight chains, enough to hide the latency of one. */
    static void row1by4(long x, long panel, long panelBytes, int depth, long y) {
        FloatVector s0 = FloatVector.zero(Lanes.S);
        FloatVector s1 = FloatVector.zero(Lanes.S);
        FloatVector s2 = FloatVector.zero(Lanes.S);
        FloatVector s3 = FloatVector.zero(Lanes.S);
        FloatVector s4 = FloatVector.zero(Lanes.S);
        FloatVector s5 = FloatVector.zero(Lanes.S);
        FloatVector s6 = FloatVector.zero(Lanes.S);
        FloatVector s7 = FloatVector.zero(Lanes.S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            FloatVector v = Lanes.broadcast(at);
            s0 = v.fma(Lanes.load(w), s0);
            s1 = v.fma(Lanes.load(w + Lanes.VB), s1);
            s2 = v.fma(Lanes.load(w + panelBytes), s2);
            s3 = v.fma(Lanes.load(w + panelBytes + Lanes.VB), s3);
            s4 = v.fma(Lanes.load(w + 2 * panelBytes), s4);
            s5 = v.fma(Lanes.load(w + 2 * panelBytes + Lanes.VB), s5);
            s6 = v.fma(Lanes.load(w + 3 * panelBytes), s6);
            s7 = v.fma(Lanes.load(w + 3 * panelBytes + Lanes.VB), s7);
            at += 4;
            w += 2 * Lanes.VB;
        }
        Lanes.store(s0, y);
        Lanes.store(s1, y + Lanes.VB);
        Lanes.store(s2, y + 2 * Lanes.VB);
        Lanes.store(s3, y + 3 * Lanes.VB);
        Lanes.store(s4, y + 4 * Lanes.VB);
        Lanes.store(s5, y + 5 * Lanes.VB);
        Lanes.store(s6, y + 6 * Lanes.VB);
        Lanes.store(s7, y + 7 * Lanes.VB);
    }

    /** {@link #rows4} with a bfloat16 panel. */
    static void halfRows4(long x, long xRow, long panel, int depth, long y, long yRow) {
        FloatVector s00 = FloatVector.zero(Lanes.S);
        FloatVector s01 = FloatVector.zero(Lanes.S);
        FloatVector s10 = FloatVector.zero(Lanes.S);
        FloatVector s11 = FloatVector.zero(Lanes.S);
        FloatVector s20 = FloatVector.zero(Lanes.S);
        FloatVector s21 = FloatVector.zero(Lanes.S);
        FloatVector s30 = FloatVector.zero(Lanes.S);
        FloatVector s31 = FloatVector.zero(Lanes.S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            IntVector both = Lanes.loadInts(w);
            FloatVector w0 = both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector w1 = both.and(UPPER).reinterpretAsFloats();
            FloatVector v = Lanes.broadcast(at);
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            v = Lanes.broadcast(at + xRow);
            s10 = v.fma(w0, s10);
            s11 = v.fma(w1, s11);
            v = Lanes.broadcast(at + 2 * xRow);
            s20 = v.fma(w0, s20);
            s21 = v.fma(w1, s21);
            v = Lanes.broadcast(at + 3 * xRow);
            s30 = v.fma(w0, s30);
            s31 = v.fma(w1, s31);
            at += 4;
            w += Lanes.VB;
        }
        Lanes.store(s00, y);
        Lanes.store(s01, y + Lanes.VB);
        Lanes.store(s10, y + yRow);
        Lanes.store(s11, y + yRow + Lanes.VB);
        Lanes.store(s20, y + 2 * yRow);
        Lanes.store(s21, y + 2 * yRow + Lanes.VB);
        Lanes.store(s30, y + 3 * yRow);
        Lanes.store(s31, y + 3 * yRow + Lanes.VB);
    }

    /** {@link #row1} with a bfloat16 panel. */
    static void halfRow1(long x, long panel, int depth, long y) {
        FloatVector s0 = FloatVector.zero(Lanes.S);
        FloatVector s1 = FloatVector.zero(Lanes.S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            IntVector both = Lanes.loadInts(w);
            FloatVector v = Lanes.broadcast(at);
            s0 = v.fma(both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s0);
            s1 = v.fma(both.and(UPPER).reinterpretAsFloats(), s1);
            at += 4;
            w += Lanes.VB;
        }
        Lanes.store(s0, y);
        Lanes.store(s1, y + Lanes.VB);
    }
}
