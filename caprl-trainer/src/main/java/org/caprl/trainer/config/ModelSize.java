package org.caprl.trainer.config;

/**
 * What a memory estimate needs to know of a model.
 *
 * @param params number of parameters, vision tower included
 * @param layers decoder layers
 * @param hidden width of the decoder
 * @param inner width inside its MLP
 * @param kvWidth columns of the keys of one token (key-value heads times their width)
 * @param vocab rows of the head
 */
public record ModelSize(long params, int layers, int hidden, int inner, int kvWidth, int vocab) {
}
