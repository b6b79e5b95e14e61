/**
 * From messages to token ids and back: the checkpoint's chat template and its tokenizer, for data readers, generation and rewards.
 *
 * <p>{@code ChatTemplate} writes the prompt text, {@code BpeTokenizer} makes ids of it. Image placeholders are expanded by the model
 * family, which alone knows how many tokens an image takes.
 */
package org.caprl.core.text;
