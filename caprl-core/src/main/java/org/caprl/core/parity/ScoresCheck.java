package org.caprl.core.parity;

import java.util.function.Function;

/** One number for each token of the given completion, teacher forced, at temperature 1. */
final class ScoresCheck implements Check {
    private final Quantity quantity;
    private final String name;
    private final Function<CaseRun.Scores, float[]> ours;

    ScoresCheck(Quantity quantity, String name, Function<CaseRun.Scores, float[]> ours) {
        this.quantity = quantity;
        this.name = name;
        this.ours = ours;
    }

    @Override
    public Quantity quantity() {
        return quantity;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return golden.hasCompletion() && golden.computed(name);
    }

    @Override
    public Finding measure(CaseRun run) {
        double difference = Differences.max(ours.apply(run.scores()), run.golden().computed().floats(name));
        return new Finding.Largest().add(difference, name).of(quantity);
    }
}
