/**
 * Gradients: {@link org.caprl.core.autograd.Fn} has each differentiable function, forward beside its backward;
 * {@link org.caprl.core.autograd.Tape} remembers what ran; {@link org.caprl.core.autograd.Pass} carries backend, memory and tape through
 * a model. Generation uses the same functions without a tape.
 */
package org.caprl.core.autograd;
