package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.Tensor;

/**
 * RMS and layer norm along rows, scales of columns, and their gradients. Sums of one row have one fixed order; gradients of weights are
 * summed over fixed blocks of rows and then over the blocks, so they do not depend on the number of threads.
 */
final class Norms implements ThreadTeam.Task, AutoCloseable {
    private static final long ALONE = 16 * 1024;
    /** Rows whose weight gradients are summed together. */
    private static final int BLOCK = 64;

    private enum Kind { RMS, RMS_GRAD, LAYER, LAYER_GRAD, SCALE, SCALE_GRAD }

    private final ThreadTeam team;
    private final Scratch partial;
    private Kind kind;
    private int rows;
    private int columns;
    private float epsilon;
    private long x;
    private long w;
    private long b;
    private long y;
    private long statistics;
    private long dy;
    private long sums;

    Norms(ThreadTeam team, Memory memory) {
        this.team = team;
        this.partial = new Scratch(memory);
    }

    void rms(Tensor in, Tensor weight, float eps, Tensor out, Tensor inverseRms) {
        set(in, weight, inverseRms);
        epsilon = eps;
        y = Lanes.address(out);
        start(Kind.RMS);
    }

    void rmsGrad(Tensor dOut, Tensor in, Tensor weight, Tensor inverseRms, Tensor dx, Tensor dwOrNull) {
        set(in, weight, inverseRms);
        dy = Lanes.address(dOut);
        y = Lanes.address(dx);
        sums = dwOrNull == null ? 0 : clearedSums(1);
        start(Kind.RMS_GRAD);
        if (dwOrNull != null) {
            addSums(dwOrNull, 0, 1);
        }
    }

    void layer(Tensor in, Tensor weight, Tensor shift, float eps, Tensor out, Tensor stats) {
        set(in, weight, stats);
        b = Lanes.address(shift);
        epsilon = eps;
        y = Lanes.address(out);
        start(Kind.LAYER);
    }

    void layerGrad(Tensor dOut, Tensor in, Tensor weight, Tensor stats, Tensor dx, Tensor dwOrNull, Tensor dbOrNull) {
        set(in, weight, stats);
        dy = Lanes.address(dOut);
        y = Lanes.address(dx);
        sums = dwOrNull == null && dbOrNull == null ? 0 : clearedSums(2);
        start(Kind.LAYER_GRAD);
        if (dwOrNull != null) {
            addSums(dwOrNull, 0, 2);
        }
        if (dbOrNull != null) {
            addSums(dbOrNull, 1, 2);
        }
    }

    void scale(Tensor in, Tensor weight, Tensor out) {
        set(in, weight, null);
        y = Lanes.address(out);
        start(Kind.SCALE);
    }

    void scaleGrad(Tensor dOut, Tensor in, Tensor weight, Tensor dx, Tensor dwOrNull) {
        set(in, weight, null);
        dy = Lanes.address(dOut);
        y = Lanes.address(dx);
        sums = dwOrNull == null ? 0 : clearedSums(1);
        start(Kind.SCALE_GRAD);
        if (dwOrNull != null) {
            addSums(dwOrNull, 0, 1);
        }
    }

    private void set(Tensor in, Tensor weight, Tensor stats) {
        rows = in.dim(0);
        columns = in.dim(1);
        x = Lanes.address(in);
        w = Lanes.address(weight);
        statistics = stats == null ? 0 : Lanes.address(stats);
    }

    private int blocks() {
        return (rows + BLOCK - 1) / BLOCK;
    }

    private long clearedSums(int each) {
        long bytes = 4L * blocks() * each * columns;
        long at = partial.floats((long) blocks() * each * columns);
        Lanes.clear(at, bytes);
        return at;
    }

    private void addSums(Tensor gradient, int which, int each) {
        for (int block = 0; block < blocks(); block++) {
            Rows.addInPlace(Lanes.address(gradient), sums + 4L * ((long) block * each + which) * columns, columns);
        }
    }

    private void start(Kind newKind) {
        kind = newKind;
        if ((long) rows * columns < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
    }

    @Override
    public void run(int member, int members) {
        boolean byBlocks = kind == Kind.RMS_GRAD || kind == Kind.LAYER_GRAD || kind == Kind.SCALE_GRAD;
        int from = bound(member, members, byBlocks);
        int to = bound(member + 1, members, byBlocks);
        for (int row = from; row < to; row++) {
            switch (kind) {
                case RMS -> rms(row);
                case RMS_GRAD -> rmsGrad(row);
                case LAYER -> layer(row);
                case LAYER_GRAD -> layerGrad(row);
                case SCALE -> scale(row);
                case SCALE_GRAD -> scaleGrad(row);
            }
        }
    }

    private int bound(int member, int members, boolean byBlocks) {
        if (byBlocks) {
            return Math.min(rows, (int) ((long) blocks() * member / members) * BLOCK);
        }
        return (int) ((long) rows * member / members);
    }

    private void rms(int row) {
        long in = x + 4L * row * columns;
        long out = y + 4L * row * columns;
        float inverse = (float) (1 / Math.sqrt(Rows.dot(in, in, columns) / columns + epsilon));
        if (statistics != 0) {
            Lanes.set(statistics + 4L * row, inverse);
        }
        FloatVector scale = FloatVector.broadcast(S, inverse);
        int i = 0;
        for (; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector n = FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER).mul(scale);
            n.mul(FloatVector.fromMemorySegment(S, ALL, w + 4L * i, ORDER)).intoMemorySegment(ALL, out + 4L * i, ORDER);
        }
        for (; i < columns; i++) {
            Lanes.set(out + 4L * i, Lanes.get(in + 4L * i) * inverse * Lanes.get(w + 4L * i));
        }
    }

    /** With r the inverse rms and n = x·r: dx = r·(dy·w - n·mean(dy·w·n)); dw += dy·n. */
    private void rmsGrad(int row) {
        long in = x + 4L * row * columns;
        long grad = dy + 4L * row * columns;
        long out = y + 4L * row * columns;
        float r = Lanes.get(statistics + 4L * row);
        long dw = sums == 0 ? 0 : sums + 4L * (row / BLOCK) * columns;
        FloatVector total = FloatVector.zero(S);
        int i = 0;
        for (; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector n = FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER).mul(r);
            FloatVector g = FloatVector.fromMemorySegment(S, ALL, grad + 4L * i, ORDER);
            total = g.mul(FloatVector.fromMemorySegment(S, ALL, w + 4L * i, ORDER)).fma(n, total);
            if (dw != 0) {
                g.fma(n, FloatVector.fromMemorySegment(S, ALL, dw + 4L * i, ORDER)).intoMemorySegment(ALL, dw + 4L * i, ORDER);
            }
        }
        float sum = Lanes.sum(total);
        for (; i < columns; i++) {
            float n = Lanes.get(in + 4L * i) * r;
            float g = Lanes.get(grad + 4L * i);
            sum = Math.fma(g * Lanes.get(w + 4L * i), n, sum);
            if (dw != 0) {
                Lanes.set(dw + 4L * i, Math.fma(g, n, Lanes.get(dw + 4L * i)));
            }
        }
        float pull = sum / columns * r;
        for (i = 0; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector weight = FloatVector.fromMemorySegment(S, ALL, w + 4L * i, ORDER);
            FloatVector g = FloatVector.fromMemorySegment(S, ALL, grad + 4L * i, ORDER).mul(weight);
            g.sub(FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER).mul(pull)).mul(r).intoMemorySegment(ALL, out + 4L * i, ORDER);
        }
        for (; i < columns; i++) {
            float g = Lanes.get(grad + 4L * i) * Lanes.get(w + 4L * i);
            Lanes.set(out + 4L * i, (g - Lanes.get(in + 4L * i) * pull) * r);
        }
    }

    private void layer(int row) {
        long in = x + 4L * row * columns;
        long out = y + 4L * row * columns;
        FloatVector total = FloatVector.zero(S);
        int i = 0;
        for (; i + Lanes.L <= columns; i += Lanes.L) {
            total = total.add(FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER));
        }
        float sum = Lanes.sum(total);
        for (; i < columns; i++) {
            sum += Lanes.get(in + 4L * i);
        }
        float mean = sum / columns;
        FloatVector squares = FloatVector.zero(S);
        for (i = 0; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector d = FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER).sub(mean);
            squares = d.fma(d, squares);
        }
        float square = Lanes.sum(squares);
        for (; i < columns; i++) {
            float d = Lanes.get(in + 4L * i) - mean;
            square = Math.fma(d, d, square);
        }
        float inverse = (float) (1 / Math.sqrt(square / columns + epsilon));
        if (statistics != 0) {
            Lanes.set(statistics + 8L * row, mean);
            Lanes.set(statistics + 8L * row + 4, inverse);
        }
        for (i = 0; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector n = FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER).sub(mean).mul(inverse);
            FloatVector weight = FloatVector.fromMemorySegment(S, ALL, w + 4L * i, ORDER);
            n.fma(weight, FloatVector.fromMemorySegment(S, ALL, b + 4L * i, ORDER)).intoMemorySegment(ALL, out + 4L * i, ORDER);
        }
        for (; i < columns; i++) {
            float n = (Lanes.get(in + 4L * i) - mean) * inverse;
            Lanes.set(out + 4L * i, Math.fma(n, Lanes.get(w + 4L * i), Lanes.get(b + 4L * i)));
        }
    }

    /** With g = dy·w and n the normalised row: dx = r·(g - mean(g) - n·mean(g·n)); dw += dy·n; db += dy. */
    private void layerGrad(int row) {
        long in = x + 4L * row * columns;
        long grad = dy + 4L * row * columns;
        long out = y + 4L * row * columns;
        float mean = Lanes.get(statistics + 8L * row);
        float r = Lanes.get(statistics + 8L * row + 4);
        long dw = sums == 0 ? 0 : sums + 8L * (row / BLOCK) * columns;
        long db = dw + 4L * columns;
        FloatVector total = FloatVector.zero(S);
        FloatVector along = FloatVector.zero(S);
        int i = 0;
        for (; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector n = FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER).sub(mean).mul(r);
            FloatVector d = FloatVector.fromMemorySegment(S, ALL, grad + 4L * i, ORDER);
            FloatVector g = d.mul(FloatVector.fromMemorySegment(S, ALL, w + 4L * i, ORDER));
            total = total.add(g);
            along = g.fma(n, along);
            if (dw != 0) {
                d.fma(n, FloatVector.fromMemorySegment(S, ALL, dw + 4L * i, ORDER)).intoMemorySegment(ALL, dw + 4L * i, ORDER);
                d.add(FloatVector.fromMemorySegment(S, ALL, db + 4L * i, ORDER)).intoMemorySegment(ALL, db + 4L * i, ORDER);
            }
        }
        float sum = Lanes.sum(total);
        float product = Lanes.sum(along);
        for (; i < columns; i++) {
            float n = (Lanes.get(in + 4L * i) - mean) * r;
            float d = Lanes.get(grad + 4L * i);
            float g = d * Lanes.get(w + 4L * i);
            sum += g;
            product = Math.fma(g, n, product);
            if (dw != 0) {
                Lanes.set(dw + 4L * i, Math.fma(d, n, Lanes.get(dw + 4L * i)));
                Lanes.set(db + 4L * i, d + Lanes.get(db + 4L * i));
            }
        }
        float shift = sum / columns;
        float pull = product / columns;
        for (i = 0; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector n = FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER).sub(mean).mul(r);
            FloatVector weight = FloatVector.fromMemorySegment(S, ALL, w + 4L * i, ORDER);
            FloatVector g = FloatVector.fromMemorySegment(S, ALL, grad + 4L * i, ORDER).mul(weight);
            g.sub(shift).sub(n.mul(pull)).mul(r).intoMemorySegment(ALL, out + 4L * i, ORDER);
        }
        for (; i < columns; i++) {
            float n = (Lanes.get(in + 4L * i) - mean) * r;
            float g = Lanes.get(grad + 4L * i) * Lanes.get(w + 4L * i);
            Lanes.set(out + 4L * i, (g - shift - n * pull) * r);
        }
    }

    private void scale(int row) {
        long in = x + 4L * row * columns;
        long out = y + 4L * row * columns;
        int i = 0;
        for (; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector weight = FloatVector.fromMemorySegment(S, ALL, w + 4L * i, ORDER);
            FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER).mul(weight).intoMemorySegment(ALL, out + 4L * i, ORDER);
        }
        for (; i < columns; i++) {
            Lanes.set(out + 4L * i, Lanes.get(in + 4L * i) * Lanes.get(w + 4L * i));
        }
    }

    /** dx = dy·w; dw += dy·x. */
    private void scaleGrad(int row) {
        long in = x + 4L * row * columns;
        long grad = dy + 4L * row * columns;
        long out = y + 4L * row * columns;
        long dw = sums == 0 ? 0 : sums + 4L * (row / BLOCK) * columns;
        int i = 0;
        for (; i + Lanes.L <= columns; i += Lanes.L) {
            FloatVector g = FloatVector.fromMemorySegment(S, ALL, grad + 4L * i, ORDER);
            g.mul(FloatVector.fromMemorySegment(S, ALL, w + 4L * i, ORDER)).intoMemorySegment(ALL, out + 4L * i, ORDER);
            if (dw != 0) {
                FloatVector v = FloatVector.fromMemorySegment(S, ALL, in + 4L * i, ORDER);
                g.fma(v, FloatVector.fromMemorySegment(S, ALL, dw + 4L * i, ORDER)).intoMemorySegment(ALL, dw + 4L * i, ORDER);
            }
        }
        for (; i < columns; i++) {
            float g = Lanes.get(grad + 4L * i);
            Lanes.set(out + 4L * i, g * Lanes.get(w + 4L * i));
            if (dw != 0) {
                Lanes.set(dw + 4L * i, Math.fma(g, Lanes.get(in + 4L * i), Lanes.get(dw + 4L * i)));
            }
        }
    }

    @Override
    public void close() {
        partial.close();
    }
}
