package org.caprl.core.data;

import org.caprl.core.image.ImageFile;
import org.caprl.core.image.RgbImage;
import org.caprl.core.image.SmartResize;

/** An encoded image of a sample, wherever it lies. Its faults name it. */
public interface SampleImage {
    /** What errors call it: its file, or its row. */
    String name();

    /**
     * The encoded image as it is stored.
     *
     * @throws org.caprl.core.InputException if it can't be read
     */
    byte[] bytes();

    /**
     * The pixels, with the EXIF orientation applied.
     *
     * @throws org.caprl.core.InputException as {@link ImageFile#decode(byte[], String, boolean)}
     */
    default RgbImage decode() {
        return ImageFile.decode(bytes(), name(), true);
    }

    /**
     * The size as the image's header gives it, before any EXIF orientation.
     *
     * @throws org.caprl.core.InputException as {@link ImageFile#size(byte[], String, boolean)}
     */
    default SmartResize.Size size() {
        return ImageFile.size(bytes(), name(), true);
    }
}
