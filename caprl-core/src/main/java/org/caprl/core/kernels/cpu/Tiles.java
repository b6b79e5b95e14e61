package org.caprl.core.kernels.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * Small matrix products in vector registers, for one member: c += a · b, where each element of c is one chain of fused multiply-adds in
 * order of depth. So an element has the same bits however the rows, the columns or (since c continues the chain) the depth are cut.
 *
 * <p>Strides are in bytes: {@code aRow} and {@code aStep} go down and along a, {@code bStep} down b and {@code cRow} down c; the columns
 * of b and c are adjacent.
 */
final class Tiles {
    private Tiles() {
    }

    /** c[rows, columns] += a[rows, depth] · b[depth, columns]. */
    static void multiply(int rows, int columns, int depth, long a, long aRow, long aStep, long b, long bStep, long c, long cRow) {
        if (depth == 0) {
            return;
        }
        int column = 0;
        for (; column + 2 * Lanes.L <= columns; column += 2 * Lanes.L) {
            long bAt = b + 4L * column;
            long cAt = c + 4L * column;
            int row = 0;
            for (; row + 4 <= rows; row += 4) {
                tile4x2(a + row * aRow, aRow, aStep, bAt, bStep, depth, cAt + row * cRow, cRow);
            }
            for (; row < rows; row++) {
                tile1x2(a + row * aRow, aStep, bAt, bStep, depth, cAt + row * cRow);
            }
        }
        for (; column + Lanes.L <= columns; column += Lanes.L) {
            long bAt = b + 4L * column;
            long cAt = c + 4L * column;
            int row = 0;
            for (; row + 4 <= rows; row += 4) {
                tile4x1(a + row * aRow, aRow, aStep, bAt, bStep, depth, cAt + row * cRow, cRow);
            }
            for (; row < rows; row++) {
                tile1x1(a + row * aRow, aStep, bAt, bStep, depth, cAt + row * cRow);
            }
        }
        for (; column < columns; column++) {
            for (int row = 0; row < rows; row++) {
                element(a + row * aRow, aStep, b + 4L * column, bStep, depth, c + row * cRow + 4L * column);
            }
        }
    }

    private static void tile4x2(long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
        long c1 = c + cRow;
        long c2 = c1 + cRow;
        long c3 = c2 + cRow;
        FloatVector s00 = Lanes.load(c);
        FloatVector s01 = Lanes.load(c + Lanes.VB);
        FloatVector s10 = Lanes.load(c1);
        FloatVector s11 = Lanes.load(c1 + Lanes.VB);
        FloatVector s20 = Lanes.load(c2);
        FloatVector s21 = Lanes.load(c2 + Lanes.VB);
        FloatVector s30 = Lanes.load(c3);
        FloatVector s31 = Lanes.load(c3 + Lanes.VB);
        long a0 = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (a0 != end) {
            FloatVector b0 = Lanes.load(bAt);
            FloatVector b1 = Lanes.load(bAt + Lanes.VB);
            FloatVector x = Lanes.broadcast(a0);
            s00 = x.fma(b0, s00);
            s01 = x.fma(b1, s01);
            x = Lanes.broadcast(a0 + aRow);
            s10 = x.fma(b0, s10);
            s11 = x.fma(b1, s11);
            x = Lanes.broadcast(a0 + 2 * aRow);
            s20 = x.fma(b0, s20);
            s21 = x.fma(b1, s21);
            x = Lanes.broadcast(a0 + 3 * aRow);
            s30 = x.fma(b0, s30);
            s31 = x.fma(b1, s31);
            a0 += aStep;
            bAt += bStep;
        }
        Lanes.store(s00, c);
        Lanes.store(s01, c + Lanes.VB);
        Lanes.store(s10, c1);
        Lanes.store(s11, c1 + Lanes.VB);
        Lanes.store(s20, c2);
        Lanes.store(s21, c2 + Lanes.VB);
        Lanes.store(s30, c3);
        Lanes.store(s31, c3 + Lanes.VB);
    }

    private static void tile4x1(long a, long aRow, long aStep, long b, long bStep, int depth, long c, long cRow) {
        FloatVector s0 = Lanes.load(c);
        FloatVector s1 = Lanes.load(c + cRow);
        FloatVector s2 = Lanes.load(c + 2 * cRow);
        FloatVector s3 = Lanes.load(c + 3 * cRow);
        long a0 = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (a0 != end) {
            FloatVector b0 = Lanes.load(bAt);
            s0 = Lanes.broadcast(a0).fma(b0, s0);
            s1 = Lanes.broadcast(a0 + aRow).fma(b0, s1);
            s2 = Lanes.broadcast(a0 + 2 * aRow).fma(b0, s2);
            s3 = Lanes.broadcast(a0 + 3 * aRow).fma(b0, s3);
            a0 += aStep;
            bAt += bStep;
        }
        Lanes.store(s0, c);
        Lanes.store(s1, c + cRow);
        Lanes.store(s2, c + 2 * cRow);
        Lanes.store(s3, c + 3 * cRow);
    }

    private static void tile1x2(long a, long aStep, long b, long bStep, int depth, long c) {
        FloatVector s0 = Lanes.load(c);
        FloatVector s1 = Lanes.load(c + Lanes.VB);
        long a0 = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (a0 != end) {
            FloatVector x = Lanes.broadcast(a0);
            s0 = x.fma(Lanes.load(bAt), s0);
            s1 = x.fma(Lanes.load(bAt + Lanes.VB), s1);
            a0 += aStep;
            bAt += bStep;
        }
        Lanes.store(s0, c);
        Lanes.store(s1, c + Lanes.VB);
    }

    private static void tile1x1(long a, long aStep, long b, long bStep, int depth, long c) {
        FloatVector s0 = Lanes.load(c);
        long a0 = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (a0 != end) {
            s0 = Lanes.broadcast(a0).fma(Lanes.load(bAt), s0);
            a0 += aStep;
            bAt += bStep;
        }
        Lanes.store(s0, c);
    }

    private static void element(long a, long aStep, long b, long bStep, int depth, long c) {
        float s = Lanes.get(c);
        long a0 = a;
        long bAt = b;
        long end = a + depth * aStep;
        while (a0 != end) {
            s = Math.fma(Lanes.get(a0), Lanes.get(bAt), s);
            a0 += aStep;
            bAt += bStep;
        }
        Lanes.set(c, s);
    }
}
