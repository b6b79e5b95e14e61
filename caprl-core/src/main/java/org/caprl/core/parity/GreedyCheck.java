package org.caprl.core.parity;

import java.util.List;
import org.caprl.core.generate.SamplingParams;

/** Greedy continuations, each prompt alone. */
final class GreedyCheck implements Check {
    private static final String IDS = "gen.greedy.ids";
    private static final String GAP = "gen.greedy.gap";

    @Override
    public Quantity quantity() {
        return Quantity.GREEDY;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.computed(IDS);
    }

    /** The golden continuations of the case. */
    static GreedyIds golden(CaseRun run) {
        return GreedyIds.read(run.golden().computed(), IDS, GAP, run.prompts().size());
    }

    @Override
    public Finding measure(CaseRun run) {
        GreedyIds golden = golden(run);
        List<int[]> ours = Continuations.alone(run.candidate(), run.prompts(), SamplingParams.greedy(golden.length(), List.of()));
        Finding.Count count = new Finding.Count();
        for (int row = 0; row < ours.size(); row++) {
            count.add(golden.mismatches(row, ours.get(row)), "row " + row);
        }
        return count.of(quantity());
    }
}
