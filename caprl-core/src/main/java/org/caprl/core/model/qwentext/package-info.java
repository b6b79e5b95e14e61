/** Qwen2 and Qwen2.5 text models: a {@link org.caprl.core.model.TextDecoder} with biases on query, key and value. */
package org.caprl.core.model.qwentext;
