/**
 * InternVL 2.5 to 3.5 with a Qwen2, Qwen3 or Llama decoder, as the Hugging Face port stores it and as the original
 * {@code InternVLChatModel} does. What differs from a plain text model:
 * <ul>
 * <li>images are cut into tiles of one size, each a sequence of its own for the vision tower;
 * <li>a vision tower (InternViT) with a class token, learned positions and no rotary ones, a scale of every column of what attention and
 * MLP add, and in some releases norms of whole query and key rows;
 * <li>pixel shuffle: squares of patches become one row, which a norm and an MLP bring to the text width; the class token is dropped.
 * </ul>
 */
package org.caprl.core.model.internvl;
