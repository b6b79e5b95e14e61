package org.caprl.core.parity;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.caprl.core.generate.SamplingParams;

/** Greedy continuations that end at an end token; ended rows of a batch are filled up with the padding token. */
final class StopCheck implements Check {
    private static final String IDS = "gen.stop.ids";
    private static final String EOS = "gen.stop.eos_token_id";

    @Override
    public Quantity quantity() {
        return Quantity.STOP;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.computed(IDS) && golden.meta().has(EOS);
    }

    @Override
    public Finding measure(CaseRun run) {
        GoldenCase golden = run.golden();
        List<Integer> eos = new ArrayList<>();
        JsonNode ends = golden.meta().get(EOS);
        (ends.isArray() ? ends : List.of(ends)).forEach(id -> eos.add(id.asInt()));
        GreedyIds expected = GreedyIds.read(golden.computed(), IDS, "gen.greedy.gap", run.prompts().size());
        int most = golden.computed("gen.greedy.ids") ? Math.max(GreedyCheck.golden(run).length(), expected.length()) : expected.length();
        List<int[]> ours = Continuations.together(run.candidate(), run.prompts(), SamplingParams.greedy(most, eos));
        Finding.Count count = new Finding.Count();
        for (int row = 0; row < ours.size(); row++) {
            int[] ids = ours.get(row);
            int least = Integer.MAX_VALUE;
            for (int pad : paddings(run)) {
                int[] filled = Arrays.copyOf(ids, golden.batch() ? Math.max(ids.length, expected.length()) : ids.length);
                Arrays.fill(filled, ids.length, filled.length, pad);
                least = Math.min(least, expected.mismatches(row, filled));
            }
            count.add(least, "row " + row);
        }
        return count.of(quantity());
    }

    /** What {@code generate} fills ended rows with: the tokenizer's padding token, unless the checkpoint's generation config has one. */
    private static int[] paddings(CaseRun run) {
        int ofTokenizer = run.golden().meta().path("pad_token_id").asInt(-1);
        return new int[] {ofTokenizer, run.candidate().generationConfig().path("pad_token_id").asInt(ofTokenizer)};
    }
}
