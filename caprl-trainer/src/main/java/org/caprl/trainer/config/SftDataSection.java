package org.caprl.trainer.config;

import java.nio.file.Path;
import java.util.Optional;
import org.caprl.core.config.Key;
import org.caprl.core.data.BadRows;

/**
 * What supervised training reads: a file, or an endless stream of the synthetic world.
 *
 * @param train file of rows
 * @param synth stream instead of a file
 * @param noise of the captions of {@code synth: policy}
 * @param template around the questions of {@code synth: answerer} and {@code lookup}
 * @param badRows what to do with a row that can't be used
 */
public record SftDataSection(
        @Key(doc = "For a vision-language model files as `data.train` of `caprl train`, Parquet or JSONL, whose rows have a "
                + "`caption`; for a text model a JSONL file of rows `{\"id\", \"prompt\": [{\"role\", \"content\"}], \"answer\"}`, "
                + "read into memory.")
        Optional<Path> train,
        @Key(doc = "Instead of a file, rows drawn from the synthetic world's warm-start scenes as they are needed: captions that mention "
                + "some facts and sometimes get one wrong (`policy`), captions with a question and its letter (`answerer`), or "
                + "words to repeat and facts to look up, which an answerer learns first (`lookup`).")
        Optional<SynthStream> synth,
        @Key(doc = "How the captions of `synth: policy` fall short.") NoiseSection noise,
        @Key(doc = "What the answerer of `synth: answerer` and `lookup` is told: `short`, `default` or a text file, "
                + "as `answerer.template` of `caprl train`.", defaultValue = "short") String template,
        @Key(doc = "A row that can't be used: `fail` stops with its place and cure, `skip` leaves it out and counts it.",
                defaultValue = "fail") BadRows badRows) {
    /** The streams of the synthetic world. */
    public enum SynthStream {
        /** Images with imperfect captions. */
        POLICY,
        /** Captions with questions and letters, text only. */
        ANSWERER,
        /** Words to repeat and facts to look up, text only: what an answerer learns before {@link #ANSWERER}. */
        LOOKUP
    }

    /** @throws IllegalArgumentException unless exactly one source is given */
    public SftDataSection {
        if (train.isPresent() == synth.isPresent()) {
            throw new IllegalArgumentException("expected exactly one of train and synth, got " + (train.isPresent() ? "both" : "neither"));
        }
    }
}
