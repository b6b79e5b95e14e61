package org.caprl.core.data;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.caprl.core.InputException;
import org.caprl.core.image.ImageFile;
import org.caprl.core.image.RgbImage;
import org.caprl.core.image.SmartResize;

/**
 * An image that is a file of its own; it is read when it is asked for.
 *
 * @param file where
 */
public record ImageOnDisk(Path file) implements SampleImage {
    @Override
    public String name() {
        return file.toString();
    }

    @Override
    public byte[] bytes() {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InputException(file + ": the image cannot be read: " + e + "; restore the file or remove the row", e);
        }
    }

    @Override
    public RgbImage decode() {
        return ImageFile.decode(file, true);
    }

    /** Reads no more than the header. */
    @Override
    public SmartResize.Size size() {
        return ImageFile.size(file, true);
    }
}
