package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;
import org.caprl.core.tensor.RotarySpec;
import org.caprl.core.tensor.Tensor;

/** Rotary embedding: the table of cosines and sines, and the rotation. */
final class Rotary implements ThreadTeam.Task {
    private static final long ALONE = 16 * 1024;
    private static final long ALONE_TABLE = 512;

    private final ThreadTeam team;
    private RotarySpec spec;
    private long positions;
    private long cos;
    private long sin;
    private long x;
    private long y;
    private int rows;
    private int heads;
    private int half;
    private float direction;

    Rotary(ThreadTeam team) {
        this.team = team;
    }

    void table(Tensor at, RotarySpec newSpec, Tensor cosines, Tensor sines) {
        spec = newSpec;
        positions = Lanes.address(at);
        rows = at.dim(1);
        half = newSpec.inverseFrequencies().length;
        cos = Lanes.address(cosines);
        sin = Lanes.address(sines);
        if ((long) rows * half < ALONE_TABLE) {
            run(0, 1);
        } else {
            team.run(this);
        }
        spec = null;
    }

    void rotate(Tensor in, Tensor cosines, Tensor sines, boolean inverse, Tensor out) {
        rows = in.dim(0);
        half = cosines.dim(1);
        heads = in.dim(1) / (2 * half);
        x = Lanes.address(in);
        y = Lanes.address(out);
        cos = Lanes.address(cosines);
        sin = Lanes.address(sines);
        direction = inverse ? -1f : 1f;
        if (in.size() < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
    }

    @Override
    public void run(int member, int members) {
        int to = (int) ((long) rows * (member + 1) / members);
        for (int row = (int) ((long) rows * member / members); row < to; row++) {
            if (spec != null) {
                angles(row);
            } else {
                for (int head = 0; head < heads; head++) {
                    rotate(row, 8L * half * ((long) row * heads + head));
                }
            }
        }
    }

    private void angles(int row) {
        float[] frequency = spec.inverseFrequencies();
        int[] axis = spec.axis();
        for (int f = 0; f < half; f++) {
            float angle = Lanes.getInt(positions + 4L * ((long) axis[f] * rows + row)) * frequency[f];
            long at = 4L * ((long) row * half + f);
            Lanes.set(cos + at, (float) Math.cos(angle) * spec.scale());
            Lanes.set(sin + at, (float) Math.sin(angle) * spec.scale());
        }
    }

    private void rotate(int row, long offset) {
        long c = cos + 4L * row * half;
        long s = sin + 4L * row * half;
        long low = x + offset;
        long high = low + 4L * half;
        long outLow = y + offset;
        long outHigh = outLow + 4L * half;
        int i = 0;
        for (; i + Lanes.L <= half; i += Lanes.L) {
            FloatVector cv = FloatVector.fromMemorySegment(S, ALL, c + 4L * i, ORDER);
            FloatVector sv = FloatVector.fromMemorySegment(S, ALL, s + 4L * i, ORDER).mul(direction);
            FloatVector a = FloatVector.fromMemorySegment(S, ALL, low + 4L * i, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(S, ALL, high + 4L * i, ORDER);
            a.mul(cv).sub(b.mul(sv)).intoMemorySegment(ALL, outLow + 4L * i, ORDER);
            b.mul(cv).add(a.mul(sv)).intoMemorySegment(ALL, outHigh + 4L * i, ORDER);
        }
        for (; i < half; i++) {
            float cv = Lanes.get(c + 4L * i);
            float sv = Lanes.get(s + 4L * i) * direction;
            float a = Lanes.get(low + 4L * i);
            float b = Lanes.get(high + 4L * i);
            Lanes.set(outLow + 4L * i, a * cv - b * sv);
            Lanes.set(outHigh + 4L * i, b * cv + a * sv);
        }
    }
}
