/**
 * The policy loss as pure functions on plain arrays, in the order and the symbols of the papers; the parts that variants differ in are
 * data. For the update stage, which multiplies the returned gradients into the model's backward pass.
 */
package org.caprl.trainer.loss;
