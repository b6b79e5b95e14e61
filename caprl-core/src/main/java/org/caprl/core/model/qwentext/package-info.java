/**
 * Qwen2, Qwen2.5 and Qwen3 text models. What differs from a plain {@link org.caprl.core.model.TextDecoder}:
 * <ul>
 * <li>Qwen2 and Qwen2.5: biases on query, key and value;
 * <li>Qwen3: a norm of each query and key head.
 * </ul>
 */
package org.caprl.core.model.qwentext;
