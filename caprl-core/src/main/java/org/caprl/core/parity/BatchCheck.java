package org.caprl.core.parity;

import java.util.Arrays;
import java.util.List;
import org.caprl.core.checkpoint.SafeTensorsFile;
import org.caprl.core.generate.SamplingParams;

/**
 * Several prompts in one call, against the golden batch and the golden rows alone: continuations and logits after the prompts. The
 * difference is the count of differing ids, or the largest difference of logits where there are none.
 */
final class BatchCheck implements Check {
    @Override
    public Quantity quantity() {
        return Quantity.BATCH;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.batch() && golden.computed("gen.greedy.ids");
    }

    @Override
    public Finding measure(CaseRun run) {
        SafeTensorsFile file = run.golden().computed();
        GreedyIds golden = GreedyCheck.golden(run);
        List<int[]> ours = Continuations.together(run.candidate(), run.prompts(), SamplingParams.greedy(golden.length(), List.of()));
        Finding.Count count = new Finding.Count();
        Finding.Largest largest = new Finding.Largest();
        int vocab = run.candidate().model().shape().vocab();
        for (int row = 0; row < ours.size(); row++) {
            count.add(golden.mismatches(row, ours.get(row)), "ids of row " + row);
            String alone = "unbatched." + row + ".greedy_ids";
            if (file.contains(alone)) {
                int[] ids = Arrays.stream(file.longs(alone)).mapToInt(Math::toIntExact).toArray();
                count.add(golden.mismatches(ours.get(row), ids, row), alone);
            }
            int at = (run.end(row) - 1) * vocab;
            if (file.contains("last_logits")) {
                largest.add(difference(run.logits(), at, file.floats("last_logits"), row * vocab, vocab), "last_logits of row " + row);
            }
            String logits = "unbatched." + row + ".last_logits";
            if (file.contains(logits)) {
                largest.add(difference(run.logits(), at, file.floats(logits), 0, vocab), logits);
            }
        }
        return count.sum() > 0 ? count.of(quantity()) : largest.of(quantity());
    }

    private static double difference(float[] ours, int at, float[] golden, int from, int vocab) {
        return golden.length < from + vocab ? Double.NaN : Differences.max(ours, at, golden, from, vocab);
    }
}
