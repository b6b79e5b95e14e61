package org.caprl.core.kernels.nd4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.caprl.core.tensor.AttentionPlan;
import org.caprl.core.tensor.DType;
import org.caprl.core.tensor.MemoryOwner;
import org.caprl.core.tensor.Tensor;
import org.caprl.core.tensor.TensorScope;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An attention plan as a few padded products: segments with as many queries and with about as many keys form a group, whose keys are padded
 * to the longest. So a decode step of any number of branches is one group, and a packed caption of its own length another.
 *
 * <p>Query rows, key rows and limits of all groups go to the device in one copy. A query sees the keys of its segment, in the order of the
 * ranges, up to its limit.
 */
final class PlanGroups implements AutoCloseable {
    /** Scores of one group, over all heads, at most (a single query may have more). */
    private static final long LARGEST = 1L << 24;
    /** A group may be larger than its segments together by this factor; a small one by anything. */
    private static final double PADDING = 1.5;
    private static final long SMALL = 1L << 16;
    private static final int ROUND = 16;

    private final TensorScope scope;
    private final List<Group> groups = new ArrayList<>();

    /**
     * Equal segments: {@code segments} times {@code queries} by {@code keys}.
     *
     * @param firstQuery row of the first query where rows follow one another, else -1
     * @param firstKey row of the first key where there is one segment with rows that follow one another, else -1
     * @param queryRows int32 [segments · queries]
     * @param keyRows int32 [segments · keys]; padding names row 0
     * @param limits int32 [segments · queries], how many keys a query sees; null where all see all
     */
    record Group(int segments, int queries, int keys, int firstQuery, int firstKey, INDArray queryRows, INDArray keyRows,
            INDArray limits) {
    }

    /** A segment, or a part of the queries of a large one. */
    private record Piece(int segment, int firstQuery, int queries, int keys) {
        long area() {
            return (long) queries * keys;
        }
    }

    PlanGroups(AttentionPlan plan, int heads, Nd4jMemory memory) {
        List<Piece> pieces = new ArrayList<>();
        for (int s = 0; s < plan.segments(); s++) {
            int keys = plan.keyCount(s);
            int most = Math.clamp(LARGEST / ((long) heads * Math.max(keys, 1)), 1, Integer.MAX_VALUE);
            for (int q = plan.queryStart(s); q < plan.queryEnd(s); q += most) {
                pieces.add(new Piece(s, q, Math.min(most, plan.queryEnd(s) - q), keys));
            }
        }
        pieces.sort(Comparator.comparingInt(Piece::queries).thenComparingInt(Piece::keys).reversed()
                .thenComparingInt(Piece::firstQuery));
        List<List<Piece>> parts = new ArrayList<>();
        for (Piece piece : pieces) {
            if (parts.isEmpty() || !fits(parts.getLast(), piece, heads)) {
                parts.add(new ArrayList<>());
            }
            parts.getLast().add(piece);
        }
        parts.forEach(part -> part.sort(Comparator.comparingInt(Piece::firstQuery)));
        scope = new TensorScope(memory, MemoryOwner.WORKSPACE);
        Numbers numbers = new Numbers(plan, parts);
        Tensor all = scope.allocate(DType.I32, numbers.size);
        all.write(numbers.values, numbers.size);
        int at = 0;
        for (List<Piece> part : parts) {
            int queries = part.getFirst().queries();
            int keys = paddedKeys(plan, part);
            int rows = part.size() * queries;
            int keyRows = part.size() * keys;
            groups.add(new Group(part.size(), queries, keys, firstQuery(part), firstKey(plan, part), ints(all, at, rows),
                    ints(all, at + rows, keyRows), limited(plan, part, keys) ? ints(all, at + rows + keyRows, rows) : null));
            at += 2 * rows + keyRows;
        }
    }

    private static INDArray ints(Tensor all, int from, int n) {
        return Nd.strided(all, from, new long[] {n}, new long[] {1});
    }

    private static boolean fits(List<Piece> part, Piece next, int heads) {
        if (next.queries() != part.getFirst().queries()) {
            return false;
        }
        long real = next.area() + part.stream().mapToLong(Piece::area).sum();
        long padded = (part.size() + 1) * part.getFirst().area();
        return padded * heads <= LARGEST && (padded <= SMALL || padded <= PADDING * real);
    }

    private static int firstQuery(List<Piece> part) {
        for (int i = 1; i < part.size(); i++) {
            if (part.get(i).firstQuery() != part.get(i - 1).firstQuery() + part.get(i - 1).queries()) {
                return -1;
            }
        }
        return part.getFirst().firstQuery();
    }

    private static int firstKey(AttentionPlan plan, List<Piece> part) {
        int range = plan.firstRange(part.getFirst().segment());
        return part.size() == 1 && plan.firstRange(part.getFirst().segment() + 1) == range + 1 ? plan.keyStart(range) : -1;
    }

    /** The most keys of a segment, rounded up where they are gathered anyway: ND4J keeps a description of every shape that it ever saw. */
    private static int paddedKeys(AttentionPlan plan, List<Piece> part) {
        int most = part.stream().mapToInt(Piece::keys).max().orElseThrow();
        return firstKey(plan, part) >= 0 ? most : (most + ROUND - 1) / ROUND * ROUND;
    }

    private static boolean limited(AttentionPlan plan, List<Piece> part, int keys) {
        return part.stream().anyMatch(p -> p.keys() < keys
                || plan.isCausal(p.segment()) && plan.queryEnd(p.segment()) - plan.queryStart(p.segment()) > 1);
    }

    List<Group> groups() {
        return groups;
    }

    @Override
    public void close() {
        scope.close();
    }

    /** For each group, query rows, key rows and limits, one after the other. */
    private static final class Numbers {
        private int[] values = new int[256];
        private int size;

        private Numbers(AttentionPlan plan, List<List<Piece>> parts) {
            for (List<Piece> part : parts) {
                int keys = paddedKeys(plan, part);
                for (Piece p : part) {
                    for (int i = 0; i < p.queries(); i++) {
                        add(p.firstQuery() + i);
                    }
                }
                for (Piece p : part) {
                    int start = size;
                    for (int r = plan.firstRange(p.segment()); r < plan.firstRange(p.segment() + 1); r++) {
                        for (int key = plan.keyStart(r); key < plan.keyEnd(r); key++) {
                            add(key);
                        }
                    }
                    while (size < start + keys) {
                        add(0);
                    }
                }
                for (Piece p : part) {
                    for (int i = 0; i < p.queries(); i++) {
                        boolean cut = plan.isCausal(p.segment());
                        add(p.keys() - (cut ? plan.queryEnd(p.segment()) - 1 - (p.firstQuery() + i) : 0));
                    }
                }
            }
        }

        private void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }
    }
}
