package org.caprl.core.parity;

import java.util.List;
import org.caprl.core.checkpoint.StoredType;

/** Values inside the model, by the names that it gives them: each relative to its largest golden entry. */
final class ObservedCheck implements Check {
    private final Quantity quantity;
    private final String prefix;

    ObservedCheck(Quantity quantity, String prefix) {
        this.quantity = quantity;
        this.prefix = prefix;
    }

    @Override
    public Quantity quantity() {
        return quantity;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return !names(golden).isEmpty();
    }

    private List<String> names(GoldenCase golden) {
        return golden.computed() == null ? List.of() : golden.computed().names().stream()
                .filter(n -> n.startsWith(prefix) && golden.computed().info(n).type() == StoredType.F32).toList();
    }

    @Override
    public Finding measure(CaseRun run) {
        Finding.Largest largest = new Finding.Largest();
        for (String name : names(run.golden())) {
            float[] golden = run.golden().computed().floats(name);
            float[] ours = run.observed().get(name);
            if (ours == null) {
                largest.add(Double.NaN, name + " is not a value of our model");
            } else {
                largest.add(Differences.max(ours, golden) / Math.max(Differences.largest(golden), Float.MIN_NORMAL), name);
            }
        }
        return largest.of(quantity);
    }
}
