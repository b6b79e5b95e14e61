/**
 * How long the engine takes for what runs are made of, on models of the user's or small random ones: generation, groups, training steps, a
 * whole GRPO step, answers. Measured through the classes that runs use. For the command line.
 */
package org.caprl.trainer.bench;
