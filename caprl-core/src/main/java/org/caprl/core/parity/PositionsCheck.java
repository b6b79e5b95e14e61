package org.caprl.core.parity;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.Prompt;
import org.caprl.core.model.qwen25vl.Qwen25Vl;

/** Rotary positions of prompt and completion, where decoding goes on, and Qwen2.5-VL's order of windows. */
final class PositionsCheck implements Check {
    private static final String PROMPT = "position_ids";
    private static final String COMPLETED = "position_ids_with_completion";
    private static final String DELTAS = "rope_deltas";
    private static final String WINDOWS = "vision.window_index";
    private static final String WINDOW_ENDS = "vision.cu_window_seqlens";

    @Override
    public Quantity quantity() {
        return Quantity.POSITION_IDS;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.inputs().contains(PROMPT);
    }

    @Override
    public Finding measure(CaseRun run) {
        Finding.Count count = new Finding.Count();
        SafeTensorsFile golden = run.golden().inputs();
        CausalLm model = run.candidate().model();
        int[][] columns = run.golden().columns();
        for (int row = 0; row < columns.length; row++) {
            Prompt prompt = run.prompts().get(row);
            CausalLm.Positions ours = model.positions(prompt.ids(), prompt.images());
            count.add(differing(golden, PROMPT, row, columns[row], ours), PROMPT + " of row " + row);
            if (golden.contains(DELTAS)) {
                long delta = golden.longs(DELTAS)[row];
                count.add(delta == ours.next() - prompt.ids().length ? 0 : 1, DELTAS + " of row " + row);
            }
        }
        if (golden.contains(COMPLETED)) {
            Prompt prompt = run.prompts().getFirst();
            CausalLm.Positions ours = model.positions(prompt.ids(), prompt.images());
            int length = (int) golden.info(COMPLETED).shape()[2];
            int[] all = java.util.stream.IntStream.range(0, length).toArray();
            count.add(differing(golden, COMPLETED, 0, all, ours), COMPLETED);
        }
        if (model instanceof Qwen25Vl qwen && golden.contains(WINDOWS)) {
            int[][] order = qwen.windowOrder(run.prompts().stream().map(Prompt::images).flatMap(List::stream).toList());
            count.add(Differences.mismatches(order[0], ints(golden, WINDOWS)), WINDOWS);
            if (golden.contains(WINDOW_ENDS)) {
                count.add(Differences.mismatches(order[1], ints(golden, WINDOW_ENDS)), WINDOW_ENDS);
            }
        }
        return count.of(quantity());
    }

    /** Golden [axes, B, T] in these columns of a row, against ours; what follows the prompt advances by one. */
    private static int differing(SafeTensorsFile golden, String name, int row, int[] columns, CausalLm.Positions ours) {
        long[] shape = golden.info(name).shape();
        if (shape.length != 3 || shape[0] != ours.axes() || columns.length < ours.length()) {
            return columns.length;
        }
        long[] values = golden.longs(name);
        int count = 0;
        for (int axis = 0; axis < ours.axes(); axis++) {
            for (int i = 0; i < columns.length; i++) {
                int own = i < ours.length() ? ours.values()[axis * ours.length() + i] : ours.next() + i - ours.length();
                int at = (int) ((axis * shape[1] + row) * shape[2]) + columns[i];
                count += values[at] == own ? 0 : 1;
            }
        }
        return count;
    }

    private static int[] ints(SafeTensorsFile file, String name) {
        return Arrays.stream(file.longs(name)).mapToInt(Math::toIntExact).toArray();
    }
}
