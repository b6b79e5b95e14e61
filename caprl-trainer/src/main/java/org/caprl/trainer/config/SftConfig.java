package org.caprl.trainer.config;

import java.nio.file.Path;
import org.caprl.core.config.Key;

/**
 * All settings of {@code caprl sft}: supervised training on (image, prompt, caption) or (prompt, answer) rows.
 *
 * @param output folder for the trained checkpoint
 * @param seed of every random draw
 * @param threads of the backend
 * @param backend of the tensors
 * @param model what is trained
 * @param data what it is trained on
 * @param trainer how
 */
public record SftConfig(
        @Key(doc = "Folder for the trained checkpoint, in Hugging Face format; must be new or empty.") Path output,
        @Key(doc = "Of every random draw.", defaultValue = "0") long seed,
        @Key(doc = "Threads of the backend; 0 takes every processor.", defaultValue = "0", min = 0, max = 4096) int threads,
        @Key(doc = "What computes: `auto` takes the fastest that works here and says why; `caprl doctor` lists the names.",
                defaultValue = "auto") String backend,
        @Key(doc = "What is trained.") ModelSection model,
        @Key(doc = "What it is trained on.") SftDataSection data,
        @Key(doc = "How it is trained.") SftTrainerSection trainer) {
}
