package org.caprl.core.parity;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.caprl.core.generate.SamplingParams;

/** Greedy continuations with a repetition penalty, whose hundredths are part of the tensors' names. */
final class PenaltyCheck implements Check {
    private static final Pattern IDS = Pattern.compile("(gen\\.greedy_rep(\\d+))\\.ids");

    @Override
    public Quantity quantity() {
        return Quantity.GREEDY_REP;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return find(golden).isPresent();
    }

    private static Optional<Matcher> find(GoldenCase golden) {
        return golden.computed() == null ? Optional.empty()
                : golden.computed().names().stream().map(IDS::matcher).filter(Matcher::matches).findFirst();
    }

    @Override
    public Finding measure(CaseRun run) {
        Matcher name = find(run.golden()).orElseThrow();
        double penalty = Integer.parseInt(name.group(2)) / 100.0;
        GreedyIds golden = GreedyIds.read(run.golden().computed(), name.group(), name.group(1) + ".gap", run.prompts().size());
        SamplingParams params = SamplingParams.greedy(golden.length(), List.of()).withRepetitionPenalty(penalty);
        List<int[]> ours = Continuations.together(run.candidate(), run.prompts(), params);
        Finding.Count count = new Finding.Count();
        for (int row = 0; row < ours.size(); row++) {
            count.add(golden.mismatches(row, ours.get(row)), "row " + row);
        }
        return count.of(quantity());
    }
}
