/**
 * Weights and folders on disk: safetensors files, Hugging Face checkpoint folders, and writes that are either complete or absent.
 *
 * <p>For model loading and saving, and for whatever keeps state between runs. Knows nothing of models: tensors go by their names.
 */
package org.caprl.core.checkpoint;
