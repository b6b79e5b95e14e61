package org.caprl.cli;

import java.nio.file.Path;
import org.caprl.core.nn.WeightType;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of commands that run one model: which, and what computes. */
final class ModelOptions {
    /** Shown before a command's own options, which have picocli's order -1. */
    private static final int FIRST = -2;

    @Option(names = "--model", paramLabel = "DIR", required = true, order = FIRST, description = "Hugging Face folder.")
    private Path model;

    @Mixin
    private BackendOptions computes;

    Path model() {
        return model;
    }

    WeightType dtype() {
        return computes.dtype();
    }

    String backend() {
        return computes.backend();
    }

    int threads() {
        return computes.threads();
    }
}
