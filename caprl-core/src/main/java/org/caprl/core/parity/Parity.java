package org.caprl.core.parity;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.caprl.core.InputException;
import org.caprl.core.tensor.TensorOps;

/** Compares what a backend computes with golden data. */
public final class Parity {
    private static final List<Check> CHECKS = List.of(new PromptTextCheck(), new InputIdsCheck(), new ResizedPixelsCheck(),
            new PixelValuesCheck(), new PositionsCheck(), new ObservedCheck(Quantity.VISION, "vision."),
            new ObservedCheck(Quantity.HIDDEN_STATES, "hidden_states"), new LogitsCheck(),
            new ScoresCheck(Quantity.LOGPROBS, "completion_logprobs", CaseRun.Scores::logProbs),
            new ScoresCheck(Quantity.ENTROPY, "completion_entropy", CaseRun.Scores::entropies), new GreedyCheck(), new PenaltyCheck(),
            new StopCheck(), new BatchCheck(), new GradientsCheck(), new AdamWCheck());

    private final TensorOps ops;

    /** Comparisons on one backend. */
    public Parity(TensorOps ops) {
        this.ops = ops;
    }

    /**
     * Every quantity of every case with every layout of every family, in this order.
     *
     * @param progress told what is worked on
     * @throws InputException when golden files can't be read. What goes wrong with a checkpoint, its tokenizer, its template or an image is
     *         a failure of the quantities that need it
     */
    public ParityReport run(GoldenDirectory directory, Consumer<String> progress) {
        List<ParityRow> rows = new ArrayList<>();
        for (GoldenFamily family : directory.families()) {
            for (Path layout : family.layouts()) {
                try (Candidate candidate = new Candidate(layout, ops)) {
                    Optional<String> unsupported = candidate.unsupported();
                    for (Path folder : family.cases()) {
                        progress.accept(family.name() + "/" + layout.getFileName() + " " + folder.getFileName());
                        try (GoldenCase golden = new GoldenCase(directory, family, layout, folder)) {
                            rows.addAll(rows(family.name(), layout.getFileName().toString(), golden, candidate, unsupported));
                        }
                    }
                }
            }
        }
        return new ParityReport(rows);
    }

    private List<ParityRow> rows(String family, String layout, GoldenCase golden, Candidate candidate, Optional<String> unsupported) {
        CaseRun run = new CaseRun(golden, candidate);
        List<ParityRow> rows = new ArrayList<>();
        for (Check check : CHECKS) {
            if (!check.applies(golden)) {
                continue;
            }
            Quantity quantity = check.quantity();
            if (unsupported.isPresent()) {
                rows.add(new ParityRow(family, layout, golden.name(), quantity, ops.name(), null, quantity.tolerance(),
                        Verdict.UNSUPPORTED, unsupported.get()));
                continue;
            }
            Finding found = measure(check, run);
            rows.add(new ParityRow(family, layout, golden.name(), quantity, ops.name(),
                    Double.isFinite(found.largest()) ? found.largest() : null, found.tolerance(),
                    found.passes() ? Verdict.PASS : Verdict.FAIL, found.where()));
        }
        return rows;
    }

    /** A computation that breaks down fails its quantity; the others are still measured. */
    private static Finding measure(Check check, CaseRun run) {
        try {
            return check.measure(run);
        } catch (RuntimeException e) {
            String why = e instanceof InputException ? e.getMessage() : e.toString();
            return new Finding(Double.POSITIVE_INFINITY, check.quantity().tolerance(), why);
        }
    }
}
