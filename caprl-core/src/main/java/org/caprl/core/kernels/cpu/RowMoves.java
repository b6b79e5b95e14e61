package org.caprl.core.kernels.cpu;

import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.Tensor;

/** Rows picked and put by index. */
final class RowMoves implements ThreadTeam.Task {
    private static final long ALONE = 16 * 1024;

    private enum Kind { GATHER, SCATTER, SCATTER_ADD }

    private final ThreadTeam team;
    private Kind kind;
    private long x;
    private long y;
    private long index;
    private int count;
    private int columns;
    private long bytes;
    private boolean widen;

    RowMoves(ThreadTeam team) {
        this.team = team;
    }

    void gather(Tensor from, Tensor rows, Tensor to) {
        widen = from.dtype() == DType.BF16 && to.dtype() == DType.F32;
        start(Kind.GATHER, from, rows, to);
    }

    void scatter(Tensor from, Tensor rows, Tensor to) {
        start(Kind.SCATTER, from, rows, to);
    }

    void scatterAdd(Tensor from, Tensor rows, Tensor to) {
        start(Kind.SCATTER_ADD, from, rows, to);
    }

    private void start(Kind newKind, Tensor from, Tensor rows, Tensor to) {
        kind = newKind;
        x = Lanes.address(from);
        y = Lanes.address(to);
        index = Lanes.address(rows);
        count = Math.toIntExact(rows.size());
        columns = to.columns();
        bytes = (long) columns * from.dtype().bytes();
        if ((long) count * columns < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
    }

    @Override
    public void run(int member, int members) {
        if (kind == Kind.SCATTER_ADD) {
            // By columns, so that repeated rows are summed in order by one member.
            int from = columnBound(member, members);
            int width = columnBound(member + 1, members) - from;
            for (int i = 0; i < count && width > 0; i++) {
                int row = Lanes.getInt(index + 4L * i);
                if (row >= 0) {
                    Rows.addInPlace(y + row * bytes + 4L * from, x + i * bytes + 4L * from, width);
                }
            }
            return;
        }
        int to = (int) ((long) count * (member + 1) / members);
        for (int i = (int) ((long) count * member / members); i < to; i++) {
            int row = Lanes.getInt(index + 4L * i);
            if (kind == Kind.SCATTER) {
                if (row >= 0) {
                    Lanes.copy(x + i * bytes, y + row * bytes, bytes);
                }
            } else if (widen) {
                Casts.widen(x + row * bytes, y + 4L * i * columns, columns);
            } else {
                Lanes.copy(x + row * bytes, y + i * bytes, bytes);
            }
        }
    }

    private int columnBound(int member, int members) {
        return member == members ? columns : (int) ((long) columns * member / members / 16 * 16);
    }
}
