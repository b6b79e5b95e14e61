package org.caprl.cli;

import java.nio.file.Path;
import org.caprl.core.nn.WeightType;
import picocli.CommandLine.Option;

/** The options of commands that run one model: which, and what computes. */
final class ModelOptions {
    /** Shown before a command's own options, which have picocli's order -1. */
    private static final int FIRST = -2;

    @Option(names = "--model", paramLabel = "DIR", required = true, order = FIRST, description = "Hugging Face folder.")
    private Path model;

    @Option(names = "--dtype", paramLabel = "TYPE", defaultValue = "float32",
            description = "Type of the weights in memory: float32, the default, or bfloat16.")
    private WeightType dtype;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "What computes (default: auto, the fastest here).")
    private String backend;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "0, the default, takes every processor.")
    private int threads;

    Path model() {
        return model;
    }

    WeightType dtype() {
        return dtype;
    }

    String backend() {
        return backend;
    }

    int threads() {
        return threads;
    }
}
