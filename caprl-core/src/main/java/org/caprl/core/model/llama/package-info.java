/**
 * Llama text models and those of its layout (SmolLM2): a plain {@link org.caprl.core.model.TextDecoder}; biases only if the config says so.
 */
package org.caprl.core.model.llama;
