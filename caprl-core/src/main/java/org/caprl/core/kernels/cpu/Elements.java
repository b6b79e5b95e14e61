package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;
import static org.caprl.core.kernels.cpu.Lanes.S;

import jdk.incubator.vector.FloatVector;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Gelu;
import org.caprl.core.tensor.Tensor;

/** Element-wise operations: each member takes a stretch of the elements. An element's result does not depend on where it stands. */
final class Elements implements ThreadTeam.Task {
    /** Fewer elements than this are not worth waking the team. */
    private static final long ALONE = 16 * 1024;
    private static final float SQRT_HALF = 0.70710678f;
    private static final float SQRT_2_OVER_PI = 0.7978845608f;
    private static final float CUBIC = 0.044715f;
    private static final float DENSITY = 0.3989422804f;

    private enum Kind { ADD, SCALE, COPY, WIDEN, NARROW, FILL, SWIGLU, SWIGLU_GRAD, GELU_ERF, GELU_TANH, GELU_ERF_GRAD, GELU_TANH_GRAD }

    private final ThreadTeam team;
    private Kind kind;
    private long a;
    private long b;
    private long c;
    private long d;
    private long e;
    private float factor;
    private int bits;
    private long bytes;
    private long size;

    Elements(ThreadTeam team) {
        this.team = team;
    }

    void add(Tensor x, Tensor y, Tensor out) {
        a = Lanes.address(x);
        b = Lanes.address(y);
        c = Lanes.address(out);
        start(Kind.ADD, x.size());
    }

    void scale(Tensor x, float by, Tensor out) {
        a = Lanes.address(x);
        c = Lanes.address(out);
        factor = by;
        start(Kind.SCALE, x.size());
    }

    void copy(Tensor x, Tensor y) {
        a = Lanes.address(x);
        c = Lanes.address(y);
        bytes = x.dtype().bytes();
        start(x.dtype() == y.dtype() ? Kind.COPY : x.dtype() == DType.BF16 ? Kind.WIDEN : Kind.NARROW, x.size());
    }

    void fill(Tensor y, float value) {
        c = Lanes.address(y);
        bits = y.dtype() == DType.I32 ? (int) value : Float.floatToRawIntBits(value);
        start(Kind.FILL, y.size());
    }

    void swiglu(Tensor gate, Tensor up, Tensor y) {
        a = Lanes.address(gate);
        b = Lanes.address(up);
        c = Lanes.address(y);
        start(Kind.SWIGLU, y.size());
    }

    void swigluGrad(Tensor dy, Tensor gate, Tensor up, Tensor dGate, Tensor dUp) {
        a = Lanes.address(gate);
        b = Lanes.address(up);
        c = Lanes.address(dGate);
        d = Lanes.address(dUp);
        e = Lanes.address(dy);
        start(Kind.SWIGLU_GRAD, dy.size());
    }

    void gelu(Tensor x, Gelu form, Tensor y) {
        a = Lanes.address(x);
        c = Lanes.address(y);
        start(form == Gelu.ERF ? Kind.GELU_ERF : Kind.GELU_TANH, x.size());
    }

    void geluGrad(Tensor dy, Tensor x, Gelu form, Tensor dx) {
        a = Lanes.address(x);
        c = Lanes.address(dx);
        e = Lanes.address(dy);
        start(form == Gelu.ERF ? Kind.GELU_ERF_GRAD : Kind.GELU_TANH_GRAD, x.size());
    }

    private void start(Kind newKind, long count) {
        kind = newKind;
        size = count;
        if (count < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
    }

    @Override
    public void run(int member, int members) {
        long from = bound(member, members);
        long to = bound(member + 1, members);
        switch (kind) {
            case ADD -> add(from, to);
            case SCALE -> scale(from, to);
            case COPY -> Lanes.copy(a + bytes * from, c + bytes * from, bytes * (to - from));
            case WIDEN -> Casts.widen(a + 2 * from, c + 4 * from, Math.toIntExact(to - from));
            case NARROW -> Casts.narrow(a + 4 * from, c + 2 * from, Math.toIntExact(to - from));
            case FILL -> fill(from, to);
            case SWIGLU -> swiglu(from, to);
            case SWIGLU_GRAD -> swigluGrad(from, to);
            case GELU_ERF -> geluErf(from, to);
            case GELU_TANH -> geluTanh(from, to);
            case GELU_ERF_GRAD -> geluErfGrad(from, to);
            case GELU_TANH_GRAD -> geluTanhGrad(from, to);
        }
    }

    private long bound(int member, int members) {
        return member == members ? size : size * member / members / 64 * 64;
    }

    private void add(long from, long to) {
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector sum = FloatVector.fromMemorySegment(S, ALL, a + i, ORDER).add(FloatVector.fromMemorySegment(S, ALL, b + i, ORDER));
            sum.intoMemorySegment(ALL, c + i, ORDER);
        }
        for (; i < end; i += 4) {
            Lanes.set(c + i, Lanes.get(a + i) + Lanes.get(b + i));
        }
    }

    private void scale(long from, long to) {
        FloatVector f = FloatVector.broadcast(S, factor);
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector.fromMemorySegment(S, ALL, a + i, ORDER).mul(f).intoMemorySegment(ALL, c + i, ORDER);
        }
        for (; i < end; i += 4) {
            Lanes.set(c + i, Lanes.get(a + i) * factor);
        }
    }

    private void fill(long from, long to) {
        for (long i = 4 * from; i < 4 * to; i += 4) {
            Lanes.setInt(c + i, bits);
        }
    }

    private void swiglu(long from, long to) {
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector g = FloatVector.fromMemorySegment(S, ALL, a + i, ORDER);
            g.mul(VectorMath.sigmoid(g)).mul(FloatVector.fromMemorySegment(S, ALL, b + i, ORDER)).intoMemorySegment(ALL, c + i, ORDER);
        }
        for (; i < end; i += 4) {
            float g = Lanes.get(a + i);
            Lanes.set(c + i, g * VectorMath.sigmoid(g) * Lanes.get(b + i));
        }
    }

    private void swigluGrad(long from, long to) {
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector g = FloatVector.fromMemorySegment(S, ALL, a + i, ORDER);
            FloatVector u = FloatVector.fromMemorySegment(S, ALL, b + i, ORDER);
            FloatVector dy = FloatVector.fromMemorySegment(S, ALL, e + i, ORDER);
            FloatVector s = VectorMath.sigmoid(g);
            FloatVector silu = g.mul(s);
            FloatVector slope = s.add(silu.mul(FloatVector.broadcast(S, 1f).sub(s)));
            dy.mul(u).mul(slope).intoMemorySegment(ALL, c + i, ORDER);
            dy.mul(silu).intoMemorySegment(ALL, d + i, ORDER);
        }
        for (; i < end; i += 4) {
            float g = Lanes.get(a + i);
            float u = Lanes.get(b + i);
            float dy = Lanes.get(e + i);
            float s = VectorMath.sigmoid(g);
            float silu = g * s;
            Lanes.set(c + i, dy * u * (s + silu * (1f - s)));
            Lanes.set(d + i, dy * silu);
        }
    }

    private void geluErf(long from, long to) {
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector x = FloatVector.fromMemorySegment(S, ALL, a + i, ORDER);
            x.mul(0.5f).mul(VectorMath.erfc(x.mul(-SQRT_HALF))).intoMemorySegment(ALL, c + i, ORDER);
        }
        for (; i < end; i += 4) {
            float x = Lanes.get(a + i);
            Lanes.set(c + i, x * 0.5f * VectorMath.erfc(x * -SQRT_HALF));
        }
    }

    /** gelu'(x) = Φ(x) + x·φ(x). */
    private void geluErfGrad(long from, long to) {
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector x = FloatVector.fromMemorySegment(S, ALL, a + i, ORDER);
            FloatVector below = VectorMath.erfc(x.mul(-SQRT_HALF)).mul(0.5f);
            FloatVector density = VectorMath.exp(x.mul(x).mul(-0.5f)).mul(DENSITY);
            FloatVector.fromMemorySegment(S, ALL, e + i, ORDER).mul(below.add(x.mul(density))).intoMemorySegment(ALL, c + i, ORDER);
        }
        for (; i < end; i += 4) {
            float x = Lanes.get(a + i);
            float below = VectorMath.erfc(x * -SQRT_HALF) * 0.5f;
            float density = VectorMath.exp(x * x * -0.5f) * DENSITY;
            Lanes.set(c + i, Lanes.get(e + i) * (below + x * density));
        }
    }

    /** x·(1 + tanh u)/2 = x·sigmoid(2u). */
    private void geluTanh(long from, long to) {
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector x = FloatVector.fromMemorySegment(S, ALL, a + i, ORDER);
            FloatVector u = x.mul(x).mul(CUBIC).add(1f).mul(x).mul(2f * SQRT_2_OVER_PI);
            x.mul(VectorMath.sigmoid(u)).intoMemorySegment(ALL, c + i, ORDER);
        }
        for (; i < end; i += 4) {
            float x = Lanes.get(a + i);
            float u = (x * x * CUBIC + 1f) * x * (2f * SQRT_2_OVER_PI);
            Lanes.set(c + i, x * VectorMath.sigmoid(u));
        }
    }

    /** With s = sigmoid(2u): gelu'(x) = s + x·s·(1 - s)·2u'(x). */
    private void geluTanhGrad(long from, long to) {
        long i = 4 * from;
        long end = 4 * to;
        for (; i + Lanes.VB <= end; i += Lanes.VB) {
            FloatVector x = FloatVector.fromMemorySegment(S, ALL, a + i, ORDER);
            FloatVector xx = x.mul(x);
            FloatVector s = VectorMath.sigmoid(xx.mul(CUBIC).add(1f).mul(x).mul(2f * SQRT_2_OVER_PI));
            FloatVector slope = xx.mul(3f * CUBIC).add(1f).mul(2f * SQRT_2_OVER_PI);
            FloatVector g = s.add(x.mul(s).mul(FloatVector.broadcast(S, 1f).sub(s)).mul(slope));
            FloatVector.fromMemorySegment(S, ALL, e + i, ORDER).mul(g).intoMemorySegment(ALL, c + i, ORDER);
        }
        for (; i < end; i += 4) {
            float x = Lanes.get(a + i);
            float xx = x * x;
            float s = VectorMath.sigmoid((xx * CUBIC + 1f) * x * (2f * SQRT_2_OVER_PI));
            float slope = (xx * (3f * CUBIC) + 1f) * (2f * SQRT_2_OVER_PI);
            Lanes.set(c + i, Lanes.get(e + i) * (s + x * s * (1f - s) * slope));
        }
    }
}
