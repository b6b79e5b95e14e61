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
 * @param synth how to make both when they are not there
 * @param badRows what to do with a row that can't be used
 */
public record DataSection(
        @Key(doc = "JSONL file of the images and questions to learn from.") Path train,
        @Key(doc = "JSONL file of the held-out images and questions.") Path eval,
        @Key(doc = "Makes the synthetic data set, once, in the folder of `data.train` when the files are not there.")
        Optional<SynthSection> synth,
        @Key(doc = "A row that can't be used: `fail` stops with its line and cure, `skip` leaves it out and counts it.",
                defaultValue = "fail") BadRows badRows) {
}
