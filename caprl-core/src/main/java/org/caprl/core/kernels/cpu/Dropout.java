package org.caprl.core.kernels.cpu;

import static org.caprl.core.kernels.cpu.Lanes.ALL;
import static org.caprl.core.kernels.cpu.Lanes.ORDER;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;
import org.caprl.core.random.CounterRandom;
import org.caprl.core.tensor.Tensor;

/** Dropout by counters: the draws of {@link CounterRandom#bits}, a vector of columns at a time. Each member takes whole rows. */
final class Dropout implements ThreadTeam.Task {
    private static final long ALONE = 4 * 1024;
    private static final VectorSpecies<Long> LONGS = Lanes.S.withLanes(long.class);
    /** As many floats as a vector has longs. */
    private static final VectorSpecies<Float> FLOATS =
            VectorSpecies.of(float.class, VectorShape.forBitSize(Lanes.S.vectorBitSize() / 2));
    private static final int LANES = LONGS.length();
    private static final LongVector IOTA = LongVector.zero(LONGS).addIndex(1);
    private static final long GAMMA = 0x9E3779B97F4A7C15L;
    private static final long FIRST = 0xBF58476D1CE4E5B9L;
    private static final long SECOND = 0x94D049BB133111EBL;

    private final ThreadTeam team;
    private long x;
    private long y;
    private long index;
    private int rows;
    private int columns;
    private long key;
    private long firstRow;
    private float rate;

    Dropout(ThreadTeam team) {
        this.team = team;
    }

    void apply(Tensor from, Tensor numbers, long newKey, long row, float share, Tensor to) {
        x = Lanes.address(from);
        y = Lanes.address(to);
        index = numbers == null ? 0 : Lanes.address(numbers);
        rows = from.dim(0);
        columns = from.columns();
        key = newKey;
        firstRow = row;
        rate = share;
        if ((long) rows * columns < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
    }

    @Override
    public void run(int member, int members) {
        int to = (int) ((long) rows * (member + 1) / members);
        for (int row = (int) ((long) rows * member / members); row < to; row++) {
            int number = index == 0 ? row : Lanes.getInt(index + 4L * row);
            row(CounterRandom.with(key, firstRow + number), 4L * row * columns);
        }
    }

    private void row(long rowKey, long at) {
        float scale = 1f / (1f - rate);
        // A draw is (bits >>> 11) / 2^53.
        long least = (long) Math.ceil((double) rate * 0x1.0p53);
        int column = 0;
        for (; column + LANES <= columns; column += LANES) {
            LongVector z = IOTA.add(column + GAMMA);
            z = z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 30)).mul(FIRST);
            z = z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 27)).mul(SECOND);
            z = z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 31)).lanewise(VectorOperators.XOR, rowKey);
            z = z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 30)).mul(FIRST);
            z = z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 27)).mul(SECOND);
            z = z.lanewise(VectorOperators.XOR, z.lanewise(VectorOperators.LSHR, 31)).lanewise(VectorOperators.LSHR, 11);
            VectorMask<Float> dropped = z.compare(VectorOperators.LT, least).cast(FLOATS);
            FloatVector.fromMemorySegment(FLOATS, ALL, x + at + 4L * column, ORDER).mul(scale).blend(0f, dropped)
                    .intoMemorySegment(ALL, y + at + 4L * column, ORDER);
        }
        for (; column < columns; column++) {
            boolean dropped = CounterRandom.bits(rowKey, column) >>> 11 < least;
            Lanes.set(y + at + 4L * column, dropped ? 0f : Lanes.get(x + at + 4L * column) * scale);
        }
    }
}
