/**
 * The settings of a run as records with every key documented, and what follows from them before anything starts: the batch
 * arithmetic and the memory estimate.
 *
 * <p>For the recipes and the launchers. The sections make the objects of {@code advantage}, {@code loss} and {@code update}, which
 * therefore never import this package.
 */
package org.caprl.trainer.config;
