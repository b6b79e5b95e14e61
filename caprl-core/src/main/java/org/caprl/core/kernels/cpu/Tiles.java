package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.F32;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;

/**
 * Small matrix products in vector registers, for one member: c = a · b or c += a · b, where each element of c is one chain of fused
 * multiply-adds in order of depth. So an element has the same bits however the rows, the columns or (when c continues the chain) the depth
 * are cut.
 *
 * <p>Strides are in bytes: {@code aRow} and {@code aStep} go down and along a, {@code bStep} down b and {@code cRow} down c; the columns
 * of b and c are adjacent.
 *
 * <p>Loops are not counted ones and tiles are separate methods, as in {@link PanelKernels}.
 */
final class Tiles {
    /** Rows of the tallest tile: 16 sums fit where there are 32 registers, which AVX2 has not. At most one more than a vector has lanes. */
    static final int ROWS = Lanes.L > 8 ? 8 : 4;
    /** Rows of the lowest tile. */
    static final int LOW = 4;

    private Tiles() {
    }

    /** c[rows, columns] = a[rows, depth] · b[depth, columns], for {@link #ROWS} or {@link #LOW} rows and one element or more of depth. */
    static void product(int rows, int columns, int depth, long a, long aRow, long aStep, long b, long bStep, long c, long cRow) {
        int column = 0;
        for (; column + 2 * Lanes.L <= columns; column += 2 * Lanes.L) {
            if (rows == LOW) {
                product4x2(a, aRow, aStep, b + 4L * column, bStep, depth, c + 4L * column, cRow);
            } else {
                product8x2(a, aRow, aStep, b + 4L * column, bStep, depth, c + 4L * column, cRow);
            }
        }
        for (; column + Lanes.L <= columns; column += Lanes.L) {
            for (int row = 0; row < rows; row += LOW) {
                product4x1(a + row * aRow, aRow, aStep, b + 4L * column, bStep, depth, c + row * cRow + 4L * column, cRow);
            }
        }
        for (; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                long to = c + row * cRow + 4L * column;
                Lanes.set(to, 0);
                element(a + row * aRow, aStep, b + 4L * column, bStep, depth, to);
            }
        }
    }

    /** c[rows, columns] += a[rows, depth] · b[depth, columns]. */
    static void addProduct(int rows, int columns, int depth, long a, long aRow, long aStep, long b, long bStep, long c, long cRow) {
        if (depth == 0) {
            return;
        }
        int column = 0;
        for (; column + 2 * Lanes.L <= columns; column += 2 * Lanes.L) {
            addPairs(rows, a, aRow, aStep, b + 4L * column, bStep, depth, c + 4L * column, cRow);
        }
        for (; column + Lanes.L <= columns; column += Lanes.L) {
            long bAt = b + 4L * column;
            long cAt = c + 4L * column;
            int row = 0;
            for (; row + LOW <= rows; row += LOW) {
                add4x1(a + row * aRow, aRow, aStep, bAt, bStep, depth, cAt + row * cRow, cRow);
            }
            for (; row < rows; row++) {
                add1x1(a + row * aRow, aStep, bAt, bStep, depth, cAt + row * cRow);
            }
        }
        for (; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                element(a + row * aRow, aStep, b + 4L * column, bStep, depth, c + row * cRow + 4L * column);
            }
        }
    }

    /** Two vectors of columns. */
    private static void addPairs(int rows, long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
        int row = 0;
        for (; row + ROWS <= rows && ROWS > LOW; row += ROWS) {
            add8x2(a + row * aRow, aRow, aStep, b, bStep, depth, c + row * cRow, cRow);
        }
        for (; row + LOW <= rows; row += LOW) {
            add4x2(a + row * aRow, aRow, aStep, b, bStep, depth, c + row * cRow, cRow);
        }
        for (; row < rows; row++) {
            add1x2(a + row * aRow, aStep, b, bStep, depth, c + row * cRow);
        }
    }

    /** Eight rows and two vectors of columns. */
    private static void product8x2(long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
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
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        long half = 4 * aRow;
        while (at != end) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, ALL, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, ALL, bAt + Lanes.VB, ORDER);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, at));
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = FloatVector.broadcast(S, ALL.get(F32, at + aRow));
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 2 * aRow));
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 3 * aRow));
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            x = FloatVector.broadcast(S, ALL.get(F32, at + half));
            s40 = x.fma(b0, s40);
            s41 = x.fma(b1, s41);
            x = FloatVector.broadcast(S, ALL.get(F32, at + half + aRow));
            s50 = x.fma(b0, s50);
            s51 = x.fma(b1, s51);
            x = FloatVector.broadcast(S, ALL.get(F32, at + half + 2 * aRow));
            s60 = x.fma(b0, s60);
            s61 = x.fma(b1, s61);
            x = FloatVector.broadcast(S, ALL.get(F32, at + half + 3 * aRow));
            s70 = x.fma(b0, s70);
            s71 = x.fma(b1, s71);
            at += aStep;
            bAt += bStep;
        }
        s00.intoMemorySegment(ALL, c, ORDER);
        s01.intoMemorySegment(ALL, c + Lanes.VB, ORDER);
        s10.intoMemorySegment(ALL, c + cRow, ORDER);
        s11.intoMemorySegment(ALL, c + cRow + Lanes.VB, ORDER);
        s20.intoMemorySegment(ALL, c + 2 * cRow, ORDER);
        s21.intoMemorySegment(ALL, c + 2 * cRow + Lanes.VB, ORDER);
        s30.intoMemorySegment(ALL, c + 3 * cRow, ORDER);
        s31.intoMemorySegment(ALL, c + 3 * cRow + Lanes.VB, ORDER);
        s40.intoMemorySegment(ALL, c + 4 * cRow, ORDER);
        s41.intoMemorySegment(ALL, c + 4 * cRow + Lanes.VB, ORDER);
        s50.intoMemorySegment(ALL, c + 5 * cRow, ORDER);
        s51.intoMemorySegment(ALL, c + 5 * cRow + Lanes.VB, ORDER);
        s60.intoMemorySegment(ALL, c + 6 * cRow, ORDER);
        s61.intoMemorySegment(ALL, c + 6 * cRow + Lanes.VB, ORDER);
        s70.intoMemorySegment(ALL, c + 7 * cRow, ORDER);
        s71.intoMemorySegment(ALL, c + 7 * cRow + Lanes.VB, ORDER);
    }

    /** Four rows and two vectors of columns. */
    private static void product4x2(long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
        FloatVector s00 = FloatVector.zero(S);
        FloatVector s01 = FloatVector.zero(S);
        FloatVector s10 = FloatVector.zero(S);
        FloatVector s11 = FloatVector.zero(S);
        FloatVector s20 = FloatVector.zero(S);
        FloatVector s21 = FloatVector.zero(S);
        FloatVector s30 = FloatVector.zero(S);
        FloatVector s31 = FloatVector.zero(S);
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (at != end) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, ALL, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, ALL, bAt + Lanes.VB, ORDER);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, at));
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = FloatVector.broadcast(S, ALL.get(F32, at + aRow));
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 2 * aRow));
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 3 * aRow));
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            at += aStep;
            bAt += bStep;
        }
        s00.intoMemorySegment(ALL, c, ORDER);
        s01.intoMemorySegment(ALL, c + Lanes.VB, ORDER);
        s10.intoMemorySegment(ALL, c + cRow, ORDER);
        s11.intoMemorySegment(ALL, c + cRow + Lanes.VB, ORDER);
        s20.intoMemorySegment(ALL, c + 2 * cRow, ORDER);
        s21.intoMemorySegment(ALL, c + 2 * cRow + Lanes.VB, ORDER);
        s30.intoMemorySegment(ALL, c + 3 * cRow, ORDER);
        s31.intoMemorySegment(ALL, c + 3 * cRow + Lanes.VB, ORDER);
    }

    /** Four rows and one vector of columns. */
    private static void product4x1(long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
        FloatVector s0 = FloatVector.zero(S);
        FloatVector s1 = FloatVector.zero(S);
        FloatVector s2 = FloatVector.zero(S);
        FloatVector s3 = FloatVector.zero(S);
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (at != end) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, ALL, bAt, ORDER);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, at));
            s0 = x.fma(b0, s0);
            x = FloatVector.broadcast(S, ALL.get(F32, at + aRow));
            s1 = x.fma(b0, s1);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 2 * aRow));
            s2 = x.fma(b0, s2);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 3 * aRow));
            s3 = x.fma(b0, s3);
            at += aStep;
            bAt += bStep;
        }
        s0.intoMemorySegment(ALL, c, ORDER);
        s1.intoMemorySegment(ALL, c + cRow, ORDER);
        s2.intoMemorySegment(ALL, c + 2 * cRow, ORDER);
        s3.intoMemorySegment(ALL, c + 3 * cRow, ORDER);
    }

    /** {@link #product8x2}, added to c. */
    private static void add8x2(long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
        FloatVector s00 = FloatVector.fromMemorySegment(S, ALL, c, ORDER);
        FloatVector s01 = FloatVector.fromMemorySegment(S, ALL, c + Lanes.VB, ORDER);
        FloatVector s10 = FloatVector.fromMemorySegment(S, ALL, c + cRow, ORDER);
        FloatVector s11 = FloatVector.fromMemorySegment(S, ALL, c + cRow + Lanes.VB, ORDER);
        FloatVector s20 = FloatVector.fromMemorySegment(S, ALL, c + 2 * cRow, ORDER);
        FloatVector s21 = FloatVector.fromMemorySegment(S, ALL, c + 2 * cRow + Lanes.VB, ORDER);
        FloatVector s30 = FloatVector.fromMemorySegment(S, ALL, c + 3 * cRow, ORDER);
        FloatVector s31 = FloatVector.fromMemorySegment(S, ALL, c + 3 * cRow + Lanes.VB, ORDER);
        FloatVector s40 = FloatVector.fromMemorySegment(S, ALL, c + 4 * cRow, ORDER);
        FloatVector s41 = FloatVector.fromMemorySegment(S, ALL, c + 4 * cRow + Lanes.VB, ORDER);
        FloatVector s50 = FloatVector.fromMemorySegment(S, ALL, c + 5 * cRow, ORDER);
        FloatVector s51 = FloatVector.fromMemorySegment(S, ALL, c + 5 * cRow + Lanes.VB, ORDER);
        FloatVector s60 = FloatVector.fromMemorySegment(S, ALL, c + 6 * cRow, ORDER);
        FloatVector s61 = FloatVector.fromMemorySegment(S, ALL, c + 6 * cRow + Lanes.VB, ORDER);
        FloatVector s70 = FloatVector.fromMemorySegment(S, ALL, c + 7 * cRow, ORDER);
        FloatVector s71 = FloatVector.fromMemorySegment(S, ALL, c + 7 * cRow + Lanes.VB, ORDER);
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        long half = 4 * aRow;
        while (at != end) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, ALL, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, ALL, bAt + Lanes.VB, ORDER);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, at));
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = FloatVector.broadcast(S, ALL.get(F32, at + aRow));
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 2 * aRow));
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 3 * aRow));
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            x = FloatVector.broadcast(S, ALL.get(F32, at + half));
            s40 = x.fma(b0, s40);
            s41 = x.fma(b1, s41);
            x = FloatVector.broadcast(S, ALL.get(F32, at + half + aRow));
            s50 = x.fma(b0, s50);
            s51 = x.fma(b1, s51);
            x = FloatVector.broadcast(S, ALL.get(F32, at + half + 2 * aRow));
            s60 = x.fma(b0, s60);
            s61 = x.fma(b1, s61);
            x = FloatVector.broadcast(S, ALL.get(F32, at + half + 3 * aRow));
            s70 = x.fma(b0, s70);
            s71 = x.fma(b1, s71);
            at += aStep;
            bAt += bStep;
        }
        s00.intoMemorySegment(ALL, c, ORDER);
        s01.intoMemorySegment(ALL, c + Lanes.VB, ORDER);
        s10.intoMemorySegment(ALL, c + cRow, ORDER);
        s11.intoMemorySegment(ALL, c + cRow + Lanes.VB, ORDER);
        s20.intoMemorySegment(ALL, c + 2 * cRow, ORDER);
        s21.intoMemorySegment(ALL, c + 2 * cRow + Lanes.VB, ORDER);
        s30.intoMemorySegment(ALL, c + 3 * cRow, ORDER);
        s31.intoMemorySegment(ALL, c + 3 * cRow + Lanes.VB, ORDER);
        s40.intoMemorySegment(ALL, c + 4 * cRow, ORDER);
        s41.intoMemorySegment(ALL, c + 4 * cRow + Lanes.VB, ORDER);
        s50.intoMemorySegment(ALL, c + 5 * cRow, ORDER);
        s51.intoMemorySegment(ALL, c + 5 * cRow + Lanes.VB, ORDER);
        s60.intoMemorySegment(ALL, c + 6 * cRow, ORDER);
        s61.intoMemorySegment(ALL, c + 6 * cRow + Lanes.VB, ORDER);
        s70.intoMemorySegment(ALL, c + 7 * cRow, ORDER);
        s71.intoMemorySegment(ALL, c + 7 * cRow + Lanes.VB, ORDER);
    }

    /** {@link #product4x2}, added to c. */
    private static void add4x2(long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
        FloatVector s00 = FloatVector.fromMemorySegment(S, ALL, c, ORDER);
        FloatVector s01 = FloatVector.fromMemorySegment(S, ALL, c + Lanes.VB, ORDER);
        FloatVector s10 = FloatVector.fromMemorySegment(S, ALL, c + cRow, ORDER);
        FloatVector s11 = FloatVector.fromMemorySegment(S, ALL, c + cRow + Lanes.VB, ORDER);
        FloatVector s20 = FloatVector.fromMemorySegment(S, ALL, c + 2 * cRow, ORDER);
        FloatVector s21 = FloatVector.fromMemorySegment(S, ALL, c + 2 * cRow + Lanes.VB, ORDER);
        FloatVector s30 = FloatVector.fromMemorySegment(S, ALL, c + 3 * cRow, ORDER);
        FloatVector s31 = FloatVector.fromMemorySegment(S, ALL, c + 3 * cRow + Lanes.VB, ORDER);
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (at != end) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, ALL, bAt, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, ALL, bAt + Lanes.VB, ORDER);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, at));
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = FloatVector.broadcast(S, ALL.get(F32, at + aRow));
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 2 * aRow));
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 3 * aRow));
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            at += aStep;
            bAt += bStep;
        }
        s00.intoMemorySegment(ALL, c, ORDER);
        s01.intoMemorySegment(ALL, c + Lanes.VB, ORDER);
        s10.intoMemorySegment(ALL, c + cRow, ORDER);
        s11.intoMemorySegment(ALL, c + cRow + Lanes.VB, ORDER);
        s20.intoMemorySegment(ALL, c + 2 * cRow, ORDER);
        s21.intoMemorySegment(ALL, c + 2 * cRow + Lanes.VB, ORDER);
        s30.intoMemorySegment(ALL, c + 3 * cRow, ORDER);
        s31.intoMemorySegment(ALL, c + 3 * cRow + Lanes.VB, ORDER);
    }

    /** {@link #product4x1}, added to c. */
    private static void add4x1(long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
        FloatVector s0 = FloatVector.fromMemorySegment(S, ALL, c, ORDER);
        FloatVector s1 = FloatVector.fromMemorySegment(S, ALL, c + cRow, ORDER);
        FloatVector s2 = FloatVector.fromMemorySegment(S, ALL, c + 2 * cRow, ORDER);
        FloatVector s3 = FloatVector.fromMemorySegment(S, ALL, c + 3 * cRow, ORDER);
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (at != end) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, ALL, bAt, ORDER);
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, at));
            s0 = x.fma(b0, s0);
            x = FloatVector.broadcast(S, ALL.get(F32, at + aRow));
            s1 = x.fma(b0, s1);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 2 * aRow));
            s2 = x.fma(b0, s2);
            x = FloatVector.broadcast(S, ALL.get(F32, at + 3 * aRow));
            s3 = x.fma(b0, s3);
            at += aStep;
            bAt += bStep;
        }
        s0.intoMemorySegment(ALL, c, ORDER);
        s1.intoMemorySegment(ALL, c + cRow, ORDER);
        s2.intoMemorySegment(ALL, c + 2 * cRow, ORDER);
        s3.intoMemorySegment(ALL, c + 3 * cRow, ORDER);
    }

    /** One row and two vectors of columns, added to c. */
    private static void add1x2(long a, long aStep, long b, long bStep, int depth, long c) {
        FloatVector s0 = FloatVector.fromMemorySegment(S, ALL, c, ORDER);
        FloatVector s1 = FloatVector.fromMemorySegment(S, ALL, c + Lanes.VB, ORDER);
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (at != end) {
            FloatVector x = FloatVector.broadcast(S, ALL.get(F32, at));
            s0 = x.fma(FloatVector.fromMemorySegment(S, ALL, bAt, ORDER), s0);
            s1 = x.fma(FloatVector.fromMemorySegment(S, ALL, bAt + Lanes.VB, ORDER), s1);
            at += aStep;
            bAt += bStep;
        }
        s0.intoMemorySegment(ALL, c, ORDER);
        s1.intoMemorySegment(ALL, c + Lanes.VB, ORDER);
    }

    /** One row and one vector of columns, added to c. */
    private static void add1x1(long a, long aStep, long b, long bStep, int depth, long c) {
        FloatVector s0 = FloatVector.fromMemorySegment(S, ALL, c, ORDER);
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (at != end) {
            s0 = FloatVector.broadcast(S, ALL.get(F32, at)).fma(FloatVector.fromMemorySegment(S, ALL, bAt, ORDER), s0);
            at += aStep;
            bAt += bStep;
        }
        s0.intoMemorySegment(ALL, c, ORDER);
    }

    private static void element(long a, long aStep, long b, long bStep, int depth, long c) {
        float s = ALL.get(F32, c);
        long at = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (at != end) {
            s = Math.fma(ALL.get(F32, at), ALL.get(F32, bAt), s);
            at += aStep;
            bAt += bStep;
        }
        ALL.set(F32, c, s);
    }
}
