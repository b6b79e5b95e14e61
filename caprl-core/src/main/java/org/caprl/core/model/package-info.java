/**
 * What a model is to everyone else: {@link org.caprl.core.model.CausalLm}. One definition of each family serves training, rollouts and
 * answering. {@code model.load.Models} is the only registry.
 */
package org.caprl.core.model;
