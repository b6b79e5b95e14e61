package org.caprl.trainer.config;

import java.nio.file.Path;
import java.util.Optional;
import org.caprl.core.config.Key;
import org.caprl.core.data.BadRows;

/**
 * What is read.
 *
 * @param train rows to learn from
 * @param eval held-out rows
 * @param holdout share of {@code train} that is held out in place of {@code eval}
 * @param synth how to make both files when they are not there
 * @param badRows what to do with a row that can't be used
 */
public record DataSection(
        @Key(doc = "Images and questions to learn from: a Parquet or JSONL file in the layout of CapRL-QA-75K, or a glob of several, such "
                + "as `data/train-*.parquet`.") Path train,
        @Key(doc = "Held-out images and questions, likewise. Exactly one of this and `data.holdout` is given.") Optional<Path> eval,
        @Key(doc = "Share of the rows of `data.train` that is held out, in place of `data.eval`. A row's id alone decides, so a row "
                + "stays on its side with any seed and with any other rows.",
                defaultValue = "0.0", min = 0, exclusiveMax = 1) double holdout,
        @Key(doc = "Makes the synthetic data set, once, in the folder of `data.train` when the files are not there.")
        Optional<SynthSection> synth,
        @Key(doc = "A row that can't be used: `fail` stops with its place and cure, `skip` leaves it out and counts it.",
                defaultValue = "fail") BadRows badRows) {
    /** @throws IllegalArgumentException unless held-out rows come from exactly one place */
    public DataSection {
        if (eval.isPresent() == holdout > 0) {
            throw new IllegalArgumentException("expected exactly one of eval and holdout, got " + (eval.isPresent() ? "both" : "neither"));
        }
        if (synth.isPresent() && eval.isEmpty()) {
            throw new IllegalArgumentException("synth makes a file for eval too; give eval in place of holdout");
        }
    }
}
