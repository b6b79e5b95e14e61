/**
 * Qwen3-VL. What differs from Qwen2.5-VL:
 * <ul>
 * <li>the text decoder is a Qwen3 one: a norm of each query and key head, no biases;
 * <li>rotary positions of time, height and width take turns instead of following each other in sections;
 * <li>the vision tower has no windows; it adds learned position embeddings, interpolated to the image's grid; its blocks have layer norms
 * and a GELU MLP;
 * <li>deepstack: what the tower has after some of its blocks is merged too, and added to the image rows after the first decoder layers.
 * </ul>
 */
package org.caprl.core.model.qwen3vl;
