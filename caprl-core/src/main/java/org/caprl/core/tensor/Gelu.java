package org.caprl.core.tensor;

/** The two forms of GELU that checkpoints use. */
public enum Gelu {
    /** x·Φ(x) by the error function ({@code "gelu"}). */
    ERF,
    /** The tanh approximation ({@code "gelu_pytorch_tanh"}). */
    TANH
}
