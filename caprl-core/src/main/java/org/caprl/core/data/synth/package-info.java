/**
 * A world small enough to learn in minutes: drawn scenes and charts whose every fact is known, captions about them in a small English,
 * questions that can't be guessed, and a reader that finds the facts a caption states.
 *
 * <p>For the smoke run, for the warm start of its two tiny models, and for anyone who wants a caption's truth measured without a judge
 * model. {@link org.caprl.core.data.synth.Split} keeps training, evaluation and warm start apart for every seed.
 */
package org.caprl.core.data.synth;
