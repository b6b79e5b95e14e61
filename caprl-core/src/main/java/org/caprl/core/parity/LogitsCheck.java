package org.caprl.core.parity;

import java.util.Optional;
import org.caprl.core.checkpoint.SafeTensorsFile;

/**
 * Raw logits of the prompt: {@code logits} for all tokens, or {@code logits_lastN} for the last ones of each row. In the second case all
 * others are compared with what the head makes of the golden hidden states.
 */
final class LogitsCheck implements Check {
    private static final String HIDDEN = "hidden_states_final_normed";

    @Override
    public Quantity quantity() {
        return Quantity.LOGITS;
    }

    @Override
    public boolean applies(GoldenCase golden) {
        return name(golden).isPresent();
    }

    private static Optional<String> name(GoldenCase golden) {
        return golden.computed() == null ? Optional.empty()
                : golden.computed().names().stream().filter(n -> n.matches("logits(_last\\d+)?")).findFirst();
    }

    @Override
    public Finding measure(CaseRun run) {
        Finding.Largest largest = new Finding.Largest();
        SafeTensorsFile golden = run.golden().computed();
        String name = name(run.golden()).orElseThrow();
        long[] shape = golden.info(name).shape(); // [B, N, V]
        int vocab = run.candidate().model().shape().vocab();
        if (shape.length != 3 || shape[0] != run.prompts().size() || shape[2] != vocab) {
            return largest.add(Double.NaN, name + " has another shape: our vocabulary has " + vocab + " tokens").of(quantity());
        }
        int stored = (int) shape[1];
        float[] theirs = golden.floats(name);
        for (int row = 0; row < shape[0]; row++) {
            int tokens = Math.min(stored, run.prompts().get(row).ids().length);
            int from = (run.end(row) - tokens) * vocab;
            largest.add(Differences.max(run.logits(), from, theirs, ((row + 1) * stored - tokens) * vocab, tokens * vocab),
                    name + (shape[0] > 1 ? " of row " + row : ""));
        }
        if (!name.equals("logits") && golden.contains(HIDDEN)) {
            largest.add(Differences.max(run.logits(), run.candidate().logits(golden.floats(HIDDEN))), HIDDEN + " through the head");
        }
        return largest.of(quantity());
    }
}
