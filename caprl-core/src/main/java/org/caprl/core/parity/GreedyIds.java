package org.caprl.core.parity;

import java.util.Arrays;
import org.caprl.core.checkpoint.SafeTensorsFile;

/**
 * Golden ids of greedy continuations and how close the second-best token was.
 *
 * <p>A first difference is excused where the two best scores are nearer to each other than rounding can tell; what follows is then another
 * text, and is not compared.
 *
 * @param ids [prompt][token]
 * @param gaps [prompt][token], best minus second-best processed score; null where not recorded
 */
record GreedyIds(int[][] ids, float[][] gaps) {
    private static final float TIE = 1e-3f;

    /**
     * Reads {@code idsName}, of shape [T] or [B, T], with the gaps of {@code gapName}.
     *
     * @param rows prompts
     */
    static GreedyIds read(SafeTensorsFile file, String idsName, String gapName, int rows) {
        long[] all = file.longs(idsName);
        float[] gaps = file.contains(gapName) ? file.floats(gapName) : null;
        int length = all.length / rows;
        int gapLength = gaps == null ? 0 : gaps.length / rows;
        int[][] ids = new int[rows][length];
        float[][] gap = new float[rows][];
        for (int r = 0; r < rows; r++) {
            int start = r * length;
            Arrays.setAll(ids[r], i -> Math.toIntExact(all[start + i]));
            gap[r] = gaps == null ? new float[0] : Arrays.copyOfRange(gaps, r * gapLength, (r + 1) * gapLength);
        }
        return new GreedyIds(ids, gaps == null ? null : gap);
    }

    int length() {
        return ids[0].length;
    }

    /** Differing ids of one prompt's continuation. */
    int mismatches(int row, int[] ours) {
        return mismatches(ours, ids[row], row);
    }

    /** Differing ids from {@code golden}, another golden continuation of the same prompt with the same gaps. */
    int mismatches(int[] ours, int[] golden, int row) {
        int first = Arrays.mismatch(ours, golden);
        if (first < 0 || gaps != null && first < gaps[row].length && gaps[row][first] < TIE) {
            return 0;
        }
        return Differences.mismatches(ours, golden, first);
    }
}
