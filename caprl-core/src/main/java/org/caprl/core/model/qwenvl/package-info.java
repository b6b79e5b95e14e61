/**
 * What the Qwen models that see have in common: patches in blocks that become one text row each, three axes of positions, and image rows
 * among the embeddings.
 */
package org.caprl.core.model.qwenvl;
