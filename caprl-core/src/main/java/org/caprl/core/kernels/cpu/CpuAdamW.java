package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;
import org.caprl.core.tensor.AdamWStep;
import org.caprl.core.tensor.Tensor;

/** The AdamW update in one pass over memory, and sums of squares in a fixed order. */
final class CpuAdamW implements ThreadTeam.Task {
    private static final long ALONE = 8 * 1024;
    /** Elements whose squares are summed together. */
    private static final int BLOCK = 4096;

    private final ThreadTeam team;
    private boolean squares;
    private long size;
    private long param;
    private long grad;
    private long first;
    private long second;
    private double[] sums = new double[0];
    private float decay;
    private float gradScale;
    private float beta1;
    private float beta2;
    private float rest1;
    private float rest2;
    private float rootCorrection;
    private float epsilon;
    private float stepSize;

    CpuAdamW(ThreadTeam team) {
        this.team = team;
    }

    void update(Tensor p, Tensor g, Tensor m, Tensor v, AdamWStep step) {
        squares = false;
        size = p.size();
        param = Lanes.address(p);
        grad = Lanes.address(g);
        first = Lanes.address(m);
        second = Lanes.address(v);
        decay = (float) (1 - step.lr() * step.weightDecay());
        gradScale = (float) step.gradScale();
        beta1 = (float) step.beta1();
        beta2 = (float) step.beta2();
        rest1 = (float) (1 - step.beta1());
        rest2 = (float) (1 - step.beta2());
        rootCorrection = (float) (1 / Math.sqrt(1 - Math.pow(step.beta2(), step.step())));
        epsilon = (float) step.epsilon();
        stepSize = (float) (step.lr() / (1 - Math.pow(step.beta1(), step.step())));
        start();
        p.markWritten();
    }

    double sumOfSquares(Tensor x) {
        squares = true;
        size = x.size();
        param = Lanes.address(x);
        if (sums.length < blocks()) {
            sums = new double[blocks()];
        }
        start();
        double sum = 0;
        for (int block = 0; block < blocks(); block++) {
            sum += sums[block];
        }
        return sum;
    }

    private int blocks() {
        return Math.toIntExact((size + BLOCK - 1) / BLOCK);
    }

    private void start() {
        if (size < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
    }

    @Override
    public void run(int member, int members) {
        int from = (int) ((long) blocks() * member / members);
        int to = (int) ((long) blocks() * (member + 1) / members);
        if (squares) {
            for (int block = from; block < to; block++) {
                sums[block] = squares((long) block * BLOCK, Math.min(size, (block + 1L) * BLOCK));
            }
        } else {
            update((long) from * BLOCK, Math.min(size, (long) to * BLOCK));
        }
    }

    /** Four sums in double, then their sum. */
    private double squares(long from, long to) {
        double s0 = 0;
        double s1 = 0;
        double s2 = 0;
        double s3 = 0;
        long i = from;
        for (; i + 4 <= to; i += 4) {
            double x0 = Lanes.get(param + 4 * i);
            double x1 = Lanes.get(param + 4 * i + 4);
            double x2 = Lanes.get(param + 4 * i + 8);
            double x3 = Lanes.get(param + 4 * i + 12);
            s0 += x0 * x0;
            s1 += x1 * x1;
            s2 += x2 * x2;
            s3 += x3 * x3;
        }
        for (; i < to; i++) {
            double x = Lanes.get(param + 4 * i);
            s0 += x * x;
        }
        return s0 + s1 + (s2 + s3);
    }

    private void update(long from, long to) {
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector g = FloatVector.fromMemorySegment(S, ALL, grad + i, ORDER).mul(gradScale);
            FloatVector m = FloatVector.fromMemorySegment(S, ALL, first + i, ORDER).mul(beta1).add(g.mul(rest1));
            FloatVector v = FloatVector.fromMemorySegment(S, ALL, second + i, ORDER).mul(beta2).add(g.mul(g).mul(rest2));
            m.intoMemorySegment(ALL, first + i, ORDER);
            v.intoMemorySegment(ALL, second + i, ORDER);
            FloatVector p = FloatVector.fromMemorySegment(S, ALL, param + i, ORDER).mul(decay);
            p.sub(m.mul(stepSize).div(v.sqrt().mul(rootCorrection).add(epsilon))).intoMemorySegment(ALL, param + i, ORDER);
        }
        for (; i < end; i += 4) {
            float g = Lanes.get(grad + i) * gradScale;
            float m = Lanes.get(first + i) * beta1 + g * (rest1);
            float v = Lanes.get(second + i) * beta2 + g * g * (rest2);
            Lanes.set(first + i, m);
            Lanes.set(second + i, v);
            float p = Lanes.get(param + i) * decay;
            Lanes.set(param + i, p - m * stepSize / ((float) Math.sqrt(v) * rootCorrection + epsilon));
        }
    }
}
