package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.F32;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;
import static org.caprl.core.kernels.cpu.Lanes.SI;

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

    /** Eight rows, {@code xRow} and {@code yRow} bytes apart: for processors with 32 vector registers, since it takes 19. */
    static void rows8(long x, long xRow, long panel, int depth, long y, long yRow) {
        FloatVector s00 = FloatVector.zero(S);
        FloatVector s01 = FloatVector.zero(S);
        FloatVector s10 = FloatVector.zero(S);
        FloatVector s11 = FloatVector.zero(S);
        FloatVector s20 = FloatVector.zero(S);
        FloatVector s21 = FloatVector.zero(S);
        FloatVector s30 = FloatVector.zero(S);
        FloatVector s31 = FloatVector.zero(S);
        FloatVector s40 = FloatVector.zero(S);
        FloatVector s41 = FloatVector.zero(S);
        FloatVector s50 = FloatVector.zero(S);
        FloatVector s51 = FloatVector.zero(S);
        FloatVector s60 = FloatVector.zero(S);
        FloatVector s61 = FloatVector.zero(S);
        FloatVector s70 = FloatVector.zero(S);
        FloatVector s71 = FloatVector.zero(S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        long half = 4 * xRow;
        while (at != end) {
            FloatVector w0 = FloatVector.fromMemorySegment(S, ALL, w, ORDER);
            FloatVector w1 = FloatVector.fromMemorySegment(S, ALL, w + Lanes.VB, ORDER);
            FloatVector v = FloatVector.broadcast(S, ALL.get(F32, at));
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            v = FloatVector.broadcast(S, ALL.get(F32, at + xRow));
            s10 = v.fma(w0, s10);
            s11 = v.fma(w1, s11);
            v = FloatVector.broadcast(S, ALL.get(F32, at + 2 * xRow));
            s20 = v.fma(w0, s20);
            s21 = v.fma(w1, s21);
            v = FloatVector.broadcast(S, ALL.get(F32, at + 3 * xRow));
            s30 = v.fma(w0, s30);
            s31 = v.fma(w1, s31);
            v = FloatVector.broadcast(S, ALL.get(F32, at + half));
            s40 = v.fma(w0, s40);
            s41 = v.fma(w1, s41);
            v = FloatVector.broadcast(S, ALL.get(F32, at + half + xRow));
            s50 = v.fma(w0, s50);
            s51 = v.fma(w1, s51);
            v = FloatVector.broadcast(S, ALL.get(F32, at + half + 2 * xRow));
            s60 = v.fma(w0, s60);
            s61 = v.fma(w1, s61);
            v = FloatVector.broadcast(S, ALL.get(F32, at + half + 3 * xRow));
            s70 = v.fma(w0, s70);
            s71 = v.fma(w1, s71);
            at += 4;
            w += 2 * Lanes.VB;
        }
        s00.intoMemorySegment(ALL, y, ORDER);
        s01.intoMemorySegment(ALL, y + Lanes.VB, ORDER);
        s10.intoMemorySegment(ALL, y + yRow, ORDER);
        s11.intoMemorySegment(ALL, y + yRow + Lanes.VB, ORDER);
        s20.intoMemorySegment(ALL, y + 2 * yRow, ORDER);
        s21.intoMemorySegment(ALL, y + 2 * yRow + Lanes.VB, ORDER);
        s30.intoMemorySegment(ALL, y + 3 * yRow, ORDER);
        s31.intoMemorySegment(ALL, y + 3 * yRow + Lanes.VB, ORDER);
        s40.intoMemorySegment(ALL, y + 4 * yRow, ORDER);
        s41.intoMemorySegment(ALL, y + 4 * yRow + Lanes.VB, ORDER);
        s50.intoMemorySegment(ALL, y + 5 * yRow, ORDER);
        s51.intoMemorySegment(ALL, y + 5 * yRow + Lanes.VB, ORDER);
        s60.intoMemorySegment(ALL, y + 6 * yRow, ORDER);
        s61.intoMemorySegment(ALL, y + 6 * yRow + Lanes.VB, ORDER);
        s70.intoMemorySegment(ALL, y + 7 * yRow, ORDER);
        s71.intoMemorySegment(ALL, y + 7 * yRow + Lanes.VB, ORDER);
    }

    /** Four rows, {@code xRow} and {@code yRow} bytes apart. */
    static void rows4(long x, long xRow, long panel, int depth, long y, long yRow) {
        FloatVector s00 = FloatVector.zero(S);
        FloatVector s01 = FloatVector.zero(S);
        FloatVector s10 = FloatVector.zero(S);
        FloatVector s11 = FloatVector.zero(S);
        FloatVector s20 = FloatVector.zero(S);
        FloatVector s21 = FloatVector.zero(S);
        FloatVector s30 = FloatVector.zero(S);
        FloatVector s31 = FloatVector.zero(S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            FloatVector w0 = FloatVector.fromMemorySegment(S, ALL, w, ORDER);
            FloatVector w1 = FloatVector.fromMemorySegment(S, ALL, w + Lanes.VB, ORDER);
            FloatVector v = FloatVector.broadcast(S, ALL.get(F32, at));
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            v = FloatVector.broadcast(S, ALL.get(F32, at + xRow));
            s10 = v.fma(w0, s10);
            s11 = v.fma(w1, s11);
            v = FloatVector.broadcast(S, ALL.get(F32, at + 2 * xRow));
            s20 = v.fma(w0, s20);
            s21 = v.fma(w1, s21);
            v = FloatVector.broadcast(S, ALL.get(F32, at + 3 * xRow));
            s30 = v.fma(w0, s30);
            s31 = v.fma(w1, s31);
            at += 4;
            w += 2 * Lanes.VB;
        }
        s00.intoMemorySegment(ALL, y, ORDER);
        s01.intoMemorySegment(ALL, y + Lanes.VB, ORDER);
        s10.intoMemorySegment(ALL, y + yRow, ORDER);
        s11.intoMemorySegment(ALL, y + yRow + Lanes.VB, ORDER);
        s20.intoMemorySegment(ALL, y + 2 * yRow, ORDER);
        s21.intoMemorySegment(ALL, y + 2 * yRow + Lanes.VB, ORDER);
        s30.intoMemorySegment(ALL, y + 3 * yRow, ORDER);
        s31.intoMemorySegment(ALL, y + 3 * yRow + Lanes.VB, ORDER);
    }

    /** One row and one panel. */
    static void row1(long x, long panel, int depth, long y) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            FloatVector v = FloatVector.broadcast(S, ALL.get(F32, at));
            s0 = v.fma(FloatVector.fromMemorySegment(S, ALL, w, ORDER), s0);
            s1 = v.fma(FloatVector.fromMemorySegment(S, ALL, w + Lanes.VB, ORDER), s1);
            at += 4;
            w += 2 * Lanes.VB;
        }
        s0.intoMemorySegment(ALL, y, ORDER);
        s1.intoMemorySegment(ALL, y + Lanes.VB, ORDER);
    }

    /** One row and four adjacent panels: eight chains, enough to hide the latency of one. */
    static void row1by4(long x, long panel, long panelBytes, int depth, long y) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        FloatVector s2 = FloatVector.zero(S);
        FloatVector s3 = FloatVector.zero(S);
        FloatVector s4 = FloatVector.zero(S);
        FloatVector s5 = FloatVector.zero(S);
        FloatVector s6 = FloatVector.zero(S);
        FloatVector s7 = FloatVector.zero(S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            FloatVector v = FloatVector.broadcast(S, ALL.get(F32, at));
            s0 = v.fma(FloatVector.fromMemorySegment(S, ALL, w, ORDER), s0);
            s1 = v.fma(FloatVector.fromMemorySegment(S, ALL, w + Lanes.VB, ORDER), s1);
            s2 = v.fma(FloatVector.fromMemorySegment(S, ALL, w + panelBytes, ORDER), s2);
            s3 = v.fma(FloatVector.fromMemorySegment(S, ALL, w + panelBytes + Lanes.VB, ORDER), s3);
            s4 = v.fma(FloatVector.fromMemorySegment(S, ALL, w + 2 * panelBytes, ORDER), s4);
            s5 = v.fma(FloatVector.fromMemorySegment(S, ALL, w + 2 * panelBytes + Lanes.VB, ORDER), s5);
            s6 = v.fma(FloatVector.fromMemorySegment(S, ALL, w + 3 * panelBytes, ORDER), s6);
            s7 = v.fma(FloatVector.fromMemorySegment(S, ALL, w + 3 * panelBytes + Lanes.VB, ORDER), s7);
            at += 4;
            w += 2 * Lanes.VB;
        }
        s0.intoMemorySegment(ALL, y, ORDER);
        s1.intoMemorySegment(ALL, y + Lanes.VB, ORDER);
        s2.intoMemorySegment(ALL, y + 2 * Lanes.VB, ORDER);
        s3.intoMemorySegment(ALL, y + 3 * Lanes.VB, ORDER);
        s4.intoMemorySegment(ALL, y + 4 * Lanes.VB, ORDER);
        s5.intoMemorySegment(ALL, y + 5 * Lanes.VB, ORDER);
        s6.intoMemorySegment(ALL, y + 6 * Lanes.VB, ORDER);
        s7.intoMemorySegment(ALL, y + 7 * Lanes.VB, ORDER);
    }

    /** {@link #rows8} with a bfloat16 panel. */
    static void halfRows8(long x, long xRow, long panel, int depth, long y, long yRow) {
        FloatVector s00 = FloatVector.zero(S);
        FloatVector s01 = FloatVector.zero(S);
        FloatVector s10 = FloatVector.zero(S);
        FloatVector s11 = FloatVector.zero(S);
        FloatVector s20 = FloatVector.zero(S);
        FloatVector s21 = FloatVector.zero(S);
        FloatVector s30 = FloatVector.zero(S);
        FloatVector s31 = FloatVector.zero(S);
        FloatVector s40 = FloatVector.zero(S);
        FloatVector s41 = FloatVector.zero(S);
        FloatVector s50 = FloatVector.zero(S);
        FloatVector s51 = FloatVector.zero(S);
        FloatVector s60 = FloatVector.zero(S);
        FloatVector s61 = FloatVector.zero(S);
        FloatVector s70 = FloatVector.zero(S);
        FloatVector s71 = FloatVector.zero(S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        long half = 4 * xRow;
        while (at != end) {
            IntVector both = IntVector.fromMemorySegment(SI, ALL, w, ORDER);
            FloatVector w0 = both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector w1 = both.and(UPPER).reinterpretAsFloats();
            FloatVector v = FloatVector.broadcast(S, ALL.get(F32, at));
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            v = FloatVector.broadcast(S, ALL.get(F32, at + xRow));
            s10 = v.fma(w0, s10);
            s11 = v.fma(w1, s11);
            v = FloatVector.broadcast(S, ALL.get(F32, at + 2 * xRow));
            s20 = v.fma(w0, s20);
            s21 = v.fma(w1, s21);
            v = FloatVector.broadcast(S, ALL.get(F32, at + 3 * xRow));
            s30 = v.fma(w0, s30);
            s31 = v.fma(w1, s31);
            v = FloatVector.broadcast(S, ALL.get(F32, at + half));
            s40 = v.fma(w0, s40);
            s41 = v.fma(w1, s41);
            v = FloatVector.broadcast(S, ALL.get(F32, at + half + xRow));
            s50 = v.fma(w0, s50);
            s51 = v.fma(w1, s51);
            v = FloatVector.broadcast(S, ALL.get(F32, at + half + 2 * xRow));
            s60 = v.fma(w0, s60);
            s61 = v.fma(w1, s61);
            v = FloatVector.broadcast(S, ALL.get(F32, at + half + 3 * xRow));
            s70 = v.fma(w0, s70);
            s71 = v.fma(w1, s71);
            at += 4;
            w += Lanes.VB;
        }
        s00.intoMemorySegment(ALL, y, ORDER);
        s01.intoMemorySegment(ALL, y + Lanes.VB, ORDER);
        s10.intoMemorySegment(ALL, y + yRow, ORDER);
        s11.intoMemorySegment(ALL, y + yRow + Lanes.VB, ORDER);
        s20.intoMemorySegment(ALL, y + 2 * yRow, ORDER);
        s21.intoMemorySegment(ALL, y + 2 * yRow + Lanes.VB, ORDER);
        s30.intoMemorySegment(ALL, y + 3 * yRow, ORDER);
        s31.intoMemorySegment(ALL, y + 3 * yRow + Lanes.VB, ORDER);
        s40.intoMemorySegment(ALL, y + 4 * yRow, ORDER);
        s41.intoMemorySegment(ALL, y + 4 * yRow + Lanes.VB, ORDER);
        s50.intoMemorySegment(ALL, y + 5 * yRow, ORDER);
        s51.intoMemorySegment(ALL, y + 5 * yRow + Lanes.VB, ORDER);
        s60.intoMemorySegment(ALL, y + 6 * yRow, ORDER);
        s61.intoMemorySegment(ALL, y + 6 * yRow + Lanes.VB, ORDER);
        s70.intoMemorySegment(ALL, y + 7 * yRow, ORDER);
        s71.intoMemorySegment(ALL, y + 7 * yRow + Lanes.VB, ORDER);
    }

    /** {@link #rows4} with a bfloat16 panel. */
    static void halfRows4(long x, long xRow, long panel, int depth, long y, long yRow) {
        FloatVector s00 = FloatVector.zero(S);
        FloatVector s01 = FloatVector.zero(S);
        FloatVector s10 = FloatVector.zero(S);
        FloatVector s11 = FloatVector.zero(S);
        FloatVector s20 = FloatVector.zero(S);
        FloatVector s21 = FloatVector.zero(S);
        FloatVector s30 = FloatVector.zero(S);
        FloatVector s31 = FloatVector.zero(S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            IntVector both = IntVector.fromMemorySegment(SI, ALL, w, ORDER);
            FloatVector w0 = both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
            FloatVector w1 = both.and(UPPER).reinterpretAsFloats();
            FloatVector v = FloatVector.broadcast(S, ALL.get(F32, at));
            s00 = v.fma(w0, s00);
            s01 = v.fma(w1, s01);
            v = FloatVector.broadcast(S, ALL.get(F32, at + xRow));
            s10 = v.fma(w0, s10);
            s11 = v.fma(w1, s11);
            v = FloatVector.broadcast(S, ALL.get(F32, at + 2 * xRow));
            s20 = v.fma(w0, s20);
            s21 = v.fma(w1, s21);
            v = FloatVector.broadcast(S, ALL.get(F32, at + 3 * xRow));
            s30 = v.fma(w0, s30);
            s31 = v.fma(w1, s31);
            at += 4;
            w += Lanes.VB;
        }
        s00.intoMemorySegment(ALL, y, ORDER);
        s01.intoMemorySegment(ALL, y + Lanes.VB, ORDER);
        s10.intoMemorySegment(ALL, y + yRow, ORDER);
        s11.intoMemorySegment(ALL, y + yRow + Lanes.VB, ORDER);
        s20.intoMemorySegment(ALL, y + 2 * yRow, ORDER);
        s21.intoMemorySegment(ALL, y + 2 * yRow + Lanes.VB, ORDER);
        s30.intoMemorySegment(ALL, y + 3 * yRow, ORDER);
        s31.intoMemorySegment(ALL, y + 3 * yRow + Lanes.VB, ORDER);
    }

    /** {@link #row1} with a bfloat16 panel. */
    static void halfRow1(long x, long panel, int depth, long y) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            IntVector both = IntVector.fromMemorySegment(SI, ALL, w, ORDER);
            FloatVector v = FloatVector.broadcast(S, ALL.get(F32, at));
            s0 = v.fma(both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s0);
            s1 = v.fma(both.and(UPPER).reinterpretAsFloats(), s1);
            at += 4;
            w += Lanes.VB;
        }
        s0.intoMemorySegment(ALL, y, ORDER);
        s1.intoMemorySegment(ALL, y + Lanes.VB, ORDER);
    }

    /** {@link #row1by4} with bfloat16 panels. */
    static void halfRow1by4(long x, long panel, long panelBytes, int depth, long y) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        FloatVector s2 = FloatVector.zero(S);
        FloatVector s3 = FloatVector.zero(S);
        FloatVector s4 = FloatVector.zero(S);
        FloatVector s5 = FloatVector.zero(S);
        FloatVector s6 = FloatVector.zero(S);
        FloatVector s7 = FloatVector.zero(S);
        long at = x;
        long w = panel;
        long end = x + 4L * depth;
        while (at != end) {
            FloatVector v = FloatVector.broadcast(S, ALL.get(F32, at));
            IntVector both = IntVector.fromMemorySegment(SI, ALL, w, ORDER);
            s0 = v.fma(both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s0);
            s1 = v.fma(both.and(UPPER).reinterpretAsFloats(), s1);
            both = IntVector.fromMemorySegment(SI, ALL, w + panelBytes, ORDER);
            s2 = v.fma(both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s2);
            s3 = v.fma(both.and(UPPER).reinterpretAsFloats(), s3);
            both = IntVector.fromMemorySegment(SI, ALL, w + 2 * panelBytes, ORDER);
            s4 = v.fma(both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s4);
            s5 = v.fma(both.and(UPPER).reinterpretAsFloats(), s5);
            both = IntVector.fromMemorySegment(SI, ALL, w + 3 * panelBytes, ORDER);
            s6 = v.fma(both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), s6);
            s7 = v.fma(both.and(UPPER).reinterpretAsFloats(), s7);
            at += 4;
            w += Lanes.VB;
        }
        s0.intoMemorySegment(ALL, y, ORDER);
        s1.intoMemorySegment(ALL, y + Lanes.VB, ORDER);
        s2.intoMemorySegment(ALL, y + 2 * Lanes.VB, ORDER);
        s3.intoMemorySegment(ALL, y + 3 * Lanes.VB, ORDER);
        s4.intoMemorySegment(ALL, y + 4 * Lanes.VB, ORDER);
        s5.intoMemorySegment(ALL, y + 5 * Lanes.VB, ORDER);
        s6.intoMemorySegment(ALL, y + 6 * Lanes.VB, ORDER);
        s7.intoMemorySegment(ALL, y + 7 * Lanes.VB, ORDER);
    }
}
