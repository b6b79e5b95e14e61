package org.caprl.cli;

import org.caprl.core.nn.WeightType;
import picocli.CommandLine.Option;

/** What computes with a model, and with weights of which type. */
final class BackendOptions {
    @Option(names = "--dtype", paramLabel = "TYPE", defaultValue = "float32",
            description = "Type of the weights in memory: float32, the default, or bfloat16.")
    private WeightType dtype;

    @Option(names = "--backend", paramLabel = "NAME", defaultValue = "auto",
            description = "What computes (default: auto, the fastest here).")
    private String backend;

    @Option(names = "--threads", paramLabel = "N", defaultValue = "0", description = "0, the default, takes every processor.")
    private int threads;

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
