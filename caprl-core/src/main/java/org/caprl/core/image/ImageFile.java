package org.caprl.core.image;

import com.drew.imaging.ImageMetadataReader;
import com.drew.imaging.ImageProcessingException;
import com.drew.metadata.MetadataException;
import com.drew.metadata.exif.ExifIFD0Directory;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.caprl.core.InputException;

/**
 * Decodes PNG, JPEG, WebP, GIF and BMP to 8-bit RGB as transformers 5 does with Pillow: alpha is composited on white, plain 16-bit
 * grayscale is clipped at 255, other 16-bit channels keep their upper byte, colour profiles are ignored.
 */
public final class ImageFile {
    private ImageFile() {
    }

    /** Decodes a file within {@link ImageLimits#DEFAULT}. */
    public static RgbImage decode(Path file, boolean applyExif) {
        return decode(file, applyExif, ImageLimits.DEFAULT);
    }

    /**
     * Decodes a file.
     *
     * @param applyExif whether the EXIF orientation is applied, as {@code transformers.image_utils.load_image} does
     * @throws InputException if the file is missing, is not an image, is cut off, or is outside the limits
     */
    public static RgbImage decode(Path file, boolean applyExif, ImageLimits limits) {
        requireFile(file);
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw new InputException(file + ": the image cannot be read: " + e.getMessage(), e);
        }
        return decode(bytes, file.toString(), applyExif, limits);
    }

    /**
     * The size of an image as its header gives it; its pixels are not read.
     *
     * @param applyExif whether the EXIF orientation is applied
     * @throws InputException if the file is missing, is not an image, or is outside {@link ImageLimits#DEFAULT}
     */
    public static SmartResize.Size size(Path file, boolean applyExif) {
        SmartResize.Size stored = storedSize(file);
        return applyExif ? turned(stored, orientation(() -> Files.newInputStream(file))) : stored;
    }

    private static SmartResize.Size turned(SmartResize.Size stored, int orientation) {
        return Orientation.swapsSides(orientation) ? new SmartResize.Size(stored.width(), stored.height()) : stored;
    }

    private static SmartResize.Size storedSize(Path file) {
        requireFile(file);
        try (ImageInputStream in = new FileImageInputStream(file.toFile())) {
            return size(in, in.length(), file.toString());
        } catch (IOException e) {
            throw broken(file.toString(), e.getMessage(), e);
        }
    }

    /**
     * The size of an encoded image as its header gives it; its pixels are not read.
     *
     * @param name what errors call it
     * @param applyExif whether the EXIF orientation is applied
     * @throws InputException if it is not an image, or is outside {@link ImageLimits#DEFAULT}
     */
    public static SmartResize.Size size(byte[] bytes, String name, boolean applyExif) {
        SmartResize.Size stored = size(new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes)), bytes.length, name);
        return applyExif ? turned(stored, orientation(() -> new ByteArrayInputStream(bytes))) : stored;
    }

    private static SmartResize.Size size(ImageInputStream in, long bytes, String name) {
        try {
            ImageReader reader = reader(in, bytes, name);
            try {
                reader.setInput(in, true, true);
                ImageLimits.DEFAULT.check(name, reader.getWidth(0), reader.getHeight(0));
                return new SmartResize.Size(reader.getHeight(0), reader.getWidth(0));
            } finally {
                reader.dispose();
            }
        } catch (InputException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            throw broken(name, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
        }
    }

    private static void requireFile(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": there is no such image file; check the path (in data rows it is relative to the data file)");
        }
    }

    private static ImageReader reader(ImageInputStream in, long bytes, String name) {
        Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
        if (!readers.hasNext()) {
            throw new InputException(name + ": not an image (" + bytes + " bytes); PNG, JPEG, WebP, GIF and BMP are read");
        }
        return readers.next();
    }

    /** Decodes an encoded image within {@link ImageLimits#DEFAULT}. */
    public static RgbImage decode(byte[] bytes, String name, boolean applyExif) {
        return decode(bytes, name, applyExif, ImageLimits.DEFAULT);
    }

    /**
     * Decodes an encoded image.
     *
     * @param name what errors call it
     * @throws InputException if it is not an image, is cut off, or is outside the limits
     */
    public static RgbImage decode(byte[] bytes, String name, boolean applyExif, ImageLimits limits) {
        RgbImage image;
        try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes))) {
            ImageReader reader = reader(in, bytes.length, name);
            try {
                image = read(reader, in, bytes, name, limits);
            } finally {
                reader.dispose();
            }
        } catch (InputException e) {
            throw e;
        } catch (IOException | RuntimeException e) {
            // The decoders answer damaged data with anything from EOFException to ArrayIndexOutOfBoundsException.
            throw broken(name, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage(), e);
        }
        return applyExif ? Orientation.apply(image, orientation(() -> new ByteArrayInputStream(bytes))) : image;
    }

    private static RgbImage read(ImageReader reader, ImageInputStream in, byte[] bytes, String name, ImageLimits limits)
            throws IOException {
        reader.setInput(in, true, false);
        limits.check(name, reader.getWidth(0), reader.getHeight(0));
        // The JPEG decoder fills what is missing of a cut-off file with grey and merely warns.
        reader.addIIOReadWarningListener((source, warning) -> {
            if (warning.toLowerCase(Locale.ROOT).contains("premature end")) {
                throw broken(name, warning, null);
            }
        });
        return CmykJpeg.is(bytes) ? CmykJpeg.toRgb(reader.readRaster(0, null), bytes) : toRgb(reader.read(0));
    }

    private static InputException broken(String name, String reason, Throwable cause) {
        return new InputException(name + ": the image is damaged or cut off (" + reason + "); restore the file or remove the row", cause);
    }

    private static RgbImage toRgb(BufferedImage image) {
        ColorModel colors = image.getColorModel();
        Raster raster = image.getRaster();
        byte[] rgb = new byte[3 * image.getWidth() * image.getHeight()];
        if (colors instanceof IndexColorModel palette) {
            fromPalette(raster, palette, rgb);
        } else {
            fromChannels(raster, colors.hasAlpha(), raster.getSampleModel().getDataType() == DataBuffer.TYPE_USHORT, rgb);
        }
        return new RgbImage(image.getWidth(), image.getHeight(), rgb);
    }

    private static void fromPalette(Raster raster, IndexColorModel palette, byte[] rgb) {
        int[] colors = new int[palette.getMapSize()];
        palette.getRGBs(colors);
        int[] row = new int[raster.getWidth()];
        int to = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getSamples(0, y, raster.getWidth(), 1, 0, row);
            for (int index : row) {
                int color = colors[index];
                int alpha = color >>> 24;
                rgb[to++] = onWhite(color >> 16 & 0xff, alpha);
                rgb[to++] = onWhite(color >> 8 & 0xff, alpha);
                rgb[to++] = onWhite(color & 0xff, alpha);
            }
        }
    }

    /** Reads samples, not colours: Java would convert grey and profiled colours, Pillow does not. */
    private static void fromChannels(Raster raster, boolean hasAlpha, boolean wide, byte[] rgb) {
        int bands = raster.getNumBands();
        int colors = hasAlpha ? bands - 1 : bands;
        if (colors != 1 && colors != 3) {
            throw new IllegalStateException("unexpected number of colour channels: " + colors);
        }
        int[] row = new int[raster.getWidth() * bands];
        int to = 0;
        for (int y = 0; y < raster.getHeight(); y++) {
            raster.getPixels(0, y, raster.getWidth(), 1, row);
            for (int x = 0; x < row.length; x += bands) {
                int alpha = !hasAlpha ? 255 : wide ? row[x + bands - 1] >> 8 : row[x + bands - 1];
                for (int channel = 0; channel < 3; channel++) {
                    int sample = row[x + (colors == 1 ? 0 : channel)];
                    // Pillow reads plain 16-bit grayscale as numbers and clips them; all other 16-bit images by their upper byte.
                    int value = !wide ? sample : bands == 1 ? Math.min(sample, 255) : sample >> 8;
                    rgb[to++] = onWhite(value, alpha);
                }
            }
        }
    }

    /** Pillow's alpha_composite over opaque white, in its integer arithmetic. */
    private static byte onWhite(int value, int alpha) {
        if (alpha == 255) {
            return (byte) value;
        }
        int blended = value * alpha + 255 * (255 - alpha);
        return (byte) ((blended + 127) / 255);
    }

    private interface Opening {
        InputStream open() throws IOException;
    }

    private static int orientation(Opening file) {
        try (InputStream in = file.open()) {
            ExifIFD0Directory exif = ImageMetadataReader.readMetadata(in).getFirstDirectoryOfType(ExifIFD0Directory.class);
            boolean has = exif != null && exif.containsTag(ExifIFD0Directory.TAG_ORIENTATION);
            return has ? exif.getInt(ExifIFD0Directory.TAG_ORIENTATION) : Orientation.UPRIGHT;
        } catch (ImageProcessingException | MetadataException | IOException e) {
            // The image is readable; EXIF data that cannot be read orients nothing, as in Pillow.
            return Orientation.UPRIGHT;
        }
    }
}
