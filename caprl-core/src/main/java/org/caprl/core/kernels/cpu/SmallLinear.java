package org.caprl.core.kernels.cpu;

import java.util.Arrays;
import java.util.WeakHashMap;
import org.caprl.core.tensor.Memory;
import org.caprl.core.tensor.Tensor;

/**
 * y = x · Wᵀ + b for few rows, as decoding has them, over {@link Panels} of the weight that are kept between calls. Members share the
 * panels out among them.
 */
final class SmallLinear implements ThreadTeam.Task, AutoCloseable {
    /** From here on oneDNN is quicker. */
    static final int MOST_ROWS = 64;
    /** Elements of a weight whose panels all stay in the nearest cache: it is quicker here with many rows, too, given eight at a time. */
    private static final int SMALL = Lanes.L > 8 ? 32 * 1024 : 0;
    /** Fewer multiply-adds than this are not worth waking the team. */
    private static final long ALONE = 48 * 1024;
    /** Whether 19 vectors fit into registers: with AVX-512 they do. */
    private static final boolean EIGHT = Lanes.L > 8;
    /** Derived from a weight at its first use. */
    private static final Object SEEN_ONCE = new Object();

    private final ThreadTeam team;
    private final Memory memory;
    private final Scratch[] tiles;
    private final WeakHashMap<Tensor, Panels> kept = new WeakHashMap<>();
    private Layer[] layers = {};
    private int count;
    private int panelCount;
    private boolean packing;
    private Panels packed;
    private long w;

    SmallLinear(ThreadTeam team, Memory memory) {
        this.team = team;
        this.memory = memory;
        this.tiles = Scratch.perMember(team, memory);
    }

    /** Whether products of so many rows with this weight are quicker here than by oneDNN. */
    static boolean suits(int rows, Tensor weight) {
        return rows <= MOST_ROWS || weight.size() <= SMALL && rows <= 16 * MOST_ROWS;
    }

    /**
     * The panels of a weight, packed if they have to be; null at the first sight of a weight's current elements, since what is used only
     * once is not worth packing.
     *
     * @param always at the first sight too
     */
    Panels panelsOf(Tensor weight, boolean always) {
        Object derived = weight.derived();
        if (derived instanceof Panels p) {
            return p;
        }
        if (derived != SEEN_ONCE && !always) {
            weight.derive(SEEN_ONCE);
            return null;
        }
        Panels p = kept.get(weight);
        if (p == null) {
            p = new Panels(weight, memory);
            kept.put(weight, p);
        }
        packed = p;
        w = Lanes.address(weight);
        packing = true;
        team.run(this);
        packed = null;
        weight.derive(p);
        return p;
    }

    void apply(Tensor in, Panels weight, Tensor biasOrNull, Tensor out) {
        count = 0;
        add(in, weight, biasOrNull, out);
        start();
    }

    /** Several layers of the same rows at once; false, and nothing done, if one of the weights has no panels yet. */
    boolean applyAll(Tensor in, Tensor[] weights, Tensor[] biases, Tensor[] outs) {
        count = 0;
        for (int i = 0; i < weights.length; i++) {
            if (!(weights[i].derived() instanceof Panels p)) {
                return false;
            }
            add(in, p, biases[i], outs[i]);
        }
        start();
        return true;
    }

    private void add(Tensor in, Panels weight, Tensor biasOrNull, Tensor out) {
        if (count == layers.length) {
            layers = Arrays.copyOf(layers, count + 1);
            layers[count] = new Layer();
        }
        layers[count++].set(in, weight, biasOrNull, out);
    }

    private void start() {
        packing = false;
        long work = 0;
        panelCount = 0;
        for (int i = 0; i < count; i++) {
            work += layers[i].work();
            panelCount += layers[i].panels.count();
        }
        if (work < ALONE) {
            run(0, 1);
        } else {
            team.run(this);
        }
        for (int i = 0; i < count; i++) {
            layers[i].panels = null;
        }
    }

    @Override
    public void run(int member, int members) {
        if (packing) {
            int to = share(packed.count(), member + 1, members);
            for (int p = share(packed.count(), member, members); p < to; p++) {
                packed.pack(p, w);
            }
            return;
        }
        long tile = tiles[member].floats(2L * 8 * Panels.WIDTH);
        // In pairs, which one row takes at a time.
        int from = Math.min(2 * share((panelCount + 1) / 2, member, members), panelCount);
        int to = Math.min(2 * share((panelCount + 1) / 2, member + 1, members), panelCount);
        for (int i = 0, first = 0; i < count; i++) {
            int panels = layers[i].panels.count();
            layers[i].compute(Math.max(from - first, 0), Math.min(to - first, panels), tile);
            first += panels;
        }
    }

    private static int share(int panels, int member, int members) {
        return (int) ((long) panels * member / members);
    }

    /** One layer of a call: rows times the panels of its weight. */
    private static final class Layer {
        private Panels panels;
        private long x;
        private long y;
        private long bias;
        private int rows;

        void set(Tensor in, Panels weight, Tensor biasOrNull, Tensor out) {
            panels = weight;
            x = Lanes.address(in);
            y = Lanes.address(out);
            bias = biasOrNull == null ? 0 : Lanes.address(biasOrNull);
            rows = in.dim(0);
        }

        long work() {
            return (long) rows * panels.outputs * panels.depth;
        }

        /** Panels {@code from} to {@code to}; {@code tile} has room for 16 rows of one. */
        void compute(int from, int to, long tile) {
            if (from >= to) {
                return;
            }
            int full = Math.min(to, panels.outputs / Panels.WIDTH);
            int inBlocks = rows / 4 * 4;
            int p = from;
            for (; p + 4 <= full; p += 4) {
                for (int q = p; q < p + 4; q++) {
                    blocks(q, inBlocks, tile);
                }
                for (int row = inBlocks; row < rows; row++) {
                    adjacentPanels(4, row, p, tile);
                }
            }
            for (; p + 2 <= full; p += 2) {
                blocks(p, inBlocks, tile);
                blocks(p + 1, inBlocks, tile);
                for (int row = inBlocks; row < rows; row++) {
                    adjacentPanels(2, row, p, tile);
                }
            }
            for (; p < full; p++) {
                blocks(p, inBlocks, tile);
                for (int row = inBlocks; row < rows; row++) {
                    oneRow(row, p, yRow(row) + 4L * p * Panels.WIDTH, tile);
                }
            }
            if (to > full) {
                lastColumns(full, inBlocks, tile + 32L * Panels.WIDTH, tile);
            }
            if (bias != 0) {
                addBias(from * Panels.WIDTH, Math.min(to * Panels.WIDTH, panels.outputs));
            }
        }

        private long xRow(int row) {
            return x + 4L * row * panels.depth;
        }

        private long yRow(int row) {
            return y + 4L * row * panels.outputs;
        }

        /** All rows that make blocks of eight or four. */
        private void blocks(int p, int end, long spare) {
            int row = 0;
            for (; row + 8 <= end && EIGHT; row += 8) {
                block(8, p, xRow(row), yRow(row) + 4L * p * Panels.WIDTH, 4L * panels.outputs, spare);
            }
            for (; row < end; row += 4) {
                block(4, p, xRow(row), yRow(row) + 4L * p * Panels.WIDTH, 4L * panels.outputs, spare);
            }
        }

        /** Eight or four rows of one panel; chains after the first go to the spare tile and are added. */
        private void block(int count, int p, long in, long out, long yRow, long spare) {
            long xRow = 4L * panels.depth;
            for (int k = 0; k < panels.depth; k += PanelKernels.CHAIN) {
                int chain = Math.min(PanelKernels.CHAIN, panels.depth - k);
                long panel = panels.address(p) + k * panels.stepBytes();
                long to = k == 0 ? out : spare;
                long step = k == 0 ? yRow : 4L * Panels.WIDTH;
                if (panels.half) {
                    if (count == 8) {
                        PanelKernels.halfRows8(in + 4L * k, xRow, panel, chain, to, step);
                    } else {
                        PanelKernels.halfRows4(in + 4L * k, xRow, panel, chain, to, step);
                    }
                } else if (count == 8) {
                    PanelKernels.rows8(in + 4L * k, xRow, panel, chain, to, step);
                } else {
                    PanelKernels.rows4(in + 4L * k, xRow, panel, chain, to, step);
                }
                for (int r = 0; r < count && k > 0; r++) {
                    Rows.addInPlace(out + r * yRow, spare + 4L * r * Panels.WIDTH, Panels.WIDTH);
                }
            }
        }

        private void oneRow(int row, int p, long out, long spare) {
            for (int k = 0; k < panels.depth; k += PanelKernels.CHAIN) {
                int chain = Math.min(PanelKernels.CHAIN, panels.depth - k);
                long panel = panels.address(p) + k * panels.stepBytes();
                long to = k == 0 ? out : spare;
                if (panels.half) {
                    PanelKernels.halfRow1(xRow(row) + 4L * k, panel, chain, to);
                } else {
                    PanelKernels.row1(xRow(row) + 4L * k, panel, chain, to);
                }
                if (k > 0) {
                    Rows.addInPlace(out, spare, Panels.WIDTH);
                }
            }
        }

        /** One row of two or four panels. */
        private void adjacentPanels(int count, int row, int p, long spare) {
            long out = yRow(row) + 4L * p * Panels.WIDTH;
            for (int k = 0; k < panels.depth; k += PanelKernels.CHAIN) {
                int chain = Math.min(PanelKernels.CHAIN, panels.depth - k);
                long in = xRow(row) + 4L * k;
                long panel = panels.address(p) + k * panels.stepBytes();
                long to = k == 0 ? out : spare;
                if (count == 4) {
                    if (panels.half) {
                        PanelKernels.halfRow1by4(in, panel, panels.panelBytes(), chain, to);
                    } else {
                        PanelKernels.row1by4(in, panel, panels.panelBytes(), chain, to);
                    }
                } else if (panels.half) {
                    PanelKernels.halfRow1by2(in, panel, panels.panelBytes(), chain, to);
                } else {
                    PanelKernels.row1by2(in, panel, panels.panelBytes(), chain, to);
                }
                if (k > 0) {
                    Rows.addInPlace(out, spare, count * Panels.WIDTH);
                }
            }
        }

        /** The last panel, when it is wider than what is left of y: by way of a tile. */
        private void lastColumns(int p, int inBlocks, long tile, long spare) {
            int first = p * Panels.WIDTH;
            int columns = panels.outputs - first;
            long tileRow = 4L * Panels.WIDTH;
            for (int row = 0; row < inBlocks; row += 4) {
                block(4, p, xRow(row), tile, tileRow, spare);
                for (int r = 0; r < 4; r++) {
                    move(tile + r * tileRow, yRow(row + r) + 4L * first, columns);
                }
            }
            for (int row = inBlocks; row < rows; row++) {
                oneRow(row, p, tile, spare);
                move(tile, yRow(row) + 4L * first, columns);
            }
        }

        private static void move(long from, long to, int columns) {
            for (int j = 0; j < columns; j++) {
                Lanes.set(to + 4L * j, Lanes.get(from + 4L * j));
            }
        }

        private void addBias(int from, int to) {
            for (int row = 0; row < rows; row++) {
                Rows.addInPlace(yRow(row) + 4L * from, bias + 4L * from, to - from);
            }
        }
    }

    @Override
    public void close() {
        for (Scratch tile : tiles) {
            tile.close();
        }
        kept.values().forEach(Panels::close);
        kept.clear();
    }
}
