/**
 * Tensors and the waist: the one interface, {@link org.caprl.core.tensor.TensorOps}, through which models, generation and losses
 * compute, whatever the machine.
 *
 * <p>{@link org.caprl.core.tensor.Tensor} is data without arithmetic; {@link org.caprl.core.tensor.TensorScope} owns native memory;
 * {@link org.caprl.core.tensor.Backends} finds the implementations, picks one and says why.
 */
package org.caprl.core.tensor;
