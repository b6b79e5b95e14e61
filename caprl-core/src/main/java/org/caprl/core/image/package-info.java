/**
 * From an image file to the patches that a vision tower reads, equal to the byte with what {@code transformers} 5 computes, for data
 * readers and model families.
 *
 * <p>{@code ImageFile} decodes, {@code SmartResize} or {@code TileGrid} chooses the size, {@code BicubicResize} resizes; a family's
 * {@code ImageProcessor} puts these together and cuts patches.
 */
package org.caprl.core.image;
