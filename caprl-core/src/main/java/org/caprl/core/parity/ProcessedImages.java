package org.caprl.core.parity;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.caprl.core.image.ImageFile;
import org.caprl.core.image.ImagePatches;
import org.caprl.core.image.Normalization;
import org.caprl.core.image.RgbImage;
import org.caprl.core.model.load.Processor;

/**
 * The images of a case, opened as the case says, and prepared for the vision tower.
 *
 * @param opened of each row of prompts
 * @param patches of all images in order
 * @param normalization of the processor
 */
record ProcessedImages(List<List<RgbImage>> opened, List<ImagePatches> patches, Normalization normalization) {
    static ProcessedImages of(GoldenCase golden, Processor processor) {
        List<List<RgbImage>> opened = new ArrayList<>();
        List<ImagePatches> patches = new ArrayList<>();
        for (List<Path> row : golden.imageFiles()) {
            List<RgbImage> images = row.stream().map(file -> ImageFile.decode(file, golden.appliesExif())).toList();
            images.forEach(image -> patches.add(processor.imageProcessor().process(image)));
            opened.add(images);
        }
        return new ProcessedImages(opened, patches, processor.sees() ? processor.imageProcessor().normalization() : null);
    }

    /** The bytes that normalised pixel values were made of, in their order: channel-major patches. */
    byte[] bytes(float[] pixels, int patchLength) {
        byte[] bytes = new byte[pixels.length];
        int area = patchLength / 3;
        for (int i = 0; i < pixels.length; i++) {
            bytes[i] = normalization.toByte(pixels[i], i % patchLength / area);
        }
        return bytes;
    }
}
