/**
 * Qwen2.5-VL. What differs from a plain Qwen2 text model:
 * <ul>
 * <li>a vision tower with windows: patches are re-ordered so that a window is a run of rows; some blocks see the whole frame;
 * <li>a merger that joins 2 x 2 patches into one text row;
 * <li>rotary positions in three sections: time, height, width.
 * </ul>
 */
package org.caprl.core.model.qwen25vl;
