package org.caprl.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.Color;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Base64;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pixel layouts that the golden images do not have. */
class ImageFormatTest {
    /** 2x2, lossless: red 10, blue 30, green 20 200 / 200 20. */
    private static final String WEBP = "UklGRhoAAABXRUJQVlA4TA4AAAAvAUAAADgFchXq0f8CGA==";

    @ParameterizedTest
    @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_3BYTE_BGR, BufferedImage.TYPE_INT_ARGB})
    void channelOrderIsRedGreenBlue(int type) throws IOException {
        BufferedImage image = new BufferedImage(2, 2, type);
        image.setRGB(0, 0, 0xff0a141e);
        image.setRGB(1, 0, 0xffc8b4a0);
        RgbImage decoded = ImageFile.decode(encode(image, "png"), "image.png", false);
        assertArrayEquals(new byte[] {10, 20, 30, (byte) 200, (byte) 180, (byte) 160}, Arrays.copyOf(decoded.rgb(), 6));
    }

    @Test
    void transparentIsWhite() throws IOException {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(1, 1, new Color(0, 0, 0, 128).getRGB());
        byte[] rgb = ImageFile.decode(encode(image, "png"), "image.png", false).rgb();
        assertEquals((byte) 255, rgb[0]);
        assertEquals((byte) 127, rgb[9]);
    }

    @Test
    void wideColourChannelsKeepTheUpperByte() throws IOException {
        ColorModel colors = new ComponentColorModel(ColorSpace.getInstance(ColorSpace.CS_sRGB), false, false, ColorModel.OPAQUE,
                DataBuffer.TYPE_USHORT);
        WritableRaster raster = colors.createCompatibleWritableRaster(2, 2);
        raster.setPixel(0, 0, new int[] {0x1234, 0xabcd, 0x00ff});
        byte[] rgb = ImageFile.decode(encode(new BufferedImage(colors, raster, false, null), "png"), "image.png", false).rgb();
        assertArrayEquals(new byte[] {0x12, (byte) 0xab, 0}, Arrays.copyOf(rgb, 3));
    }

    @Test
    void bitsBecomeBlackAndWhite() throws IOException {
        BufferedImage image = new BufferedImage(2, 2, BufferedImage.TYPE_BYTE_BINARY);
        image.setRGB(0, 0, 0xffffffff);
        byte[] rgb = ImageFile.decode(encode(image, "png"), "image.png", false).rgb();
        assertArrayEquals(new byte[] {-1, -1, -1, 0, 0, 0}, Arrays.copyOf(rgb, 6));
    }

    @Test
    void readsWebp() {
        byte[] rgb = ImageFile.decode(Base64.getDecoder().decode(WEBP), "image.webp", false).rgb();
        assertArrayEquals(new byte[] {10, 20, 30, 10, (byte) 200, 30, 10, (byte) 200, 30, 10, 20, 30}, rgb);
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 2})
    void printersInksAreStoredInverted(int adobeTransform) throws IOException {
        // stored (0, 255, 200, 40): inks cyan 255, magenta 0, yellow 55 of the light 40 that black leaves; as YCCK luma 0 and so on
        byte[] rgb = ImageFile.decode(cmykJpeg(adobeTransform), "print.jpg", false).rgb();
        byte[] inks = {0, 40, 31};
        // red 0 + 1.402 * 72 = 101; green 0 - 0.344 * 127 - 0.714 * 72 = 0; blue 0 + 1.772 * 127 = 225; each of 255, times 40
        byte[] luma = {16, 0, 35};
        assertArrayEquals(adobeTransform == 2 ? luma : inks, Arrays.copyOf(rgb, 3));
    }

    @Test
    void eightOrientations() {
        // 3 wide, 2 high, pixel = index; what each orientation shows, row by row
        byte[] rgb = new byte[18];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (i / 3);
        }
        RgbImage image = new RgbImage(3, 2, rgb);
        String[] shown = {"012345", "210543", "543210", "345012", "031425", "304152", "524130", "251403"};
        for (int orientation = 1; orientation <= 8; orientation++) {
            RgbImage turned = Orientation.apply(image, orientation);
            StringBuilder pixels = new StringBuilder();
            for (int i = 0; i < turned.rgb().length; i += 3) {
                pixels.append(turned.rgb()[i]);
            }
            assertEquals(shown[orientation - 1], pixels.toString(), "orientation " + orientation);
            assertEquals(orientation < 5 ? 3 : 2, turned.width());
        }
    }

    /** 16x16 of one colour, with Adobe's segment unless the transform is negative. */
    private static byte[] cmykJpeg(int adobeTransform) throws IOException {
        WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 16, 16, 4, null);
        for (int i = 0; i < 256; i++) {
            raster.setPixel(i % 16, i / 16, new int[] {0, 255, 200, 40});
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
        try (ImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
            writer.setOutput(stream);
            writer.write(new IIOImage(raster, null, null));
        } finally {
            writer.dispose();
        }
        byte[] jpeg = out.toByteArray();
        if (adobeTransform < 0) {
            return jpeg;
        }
        byte[] segment = {(byte) 0xff, (byte) 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, (byte) adobeTransform};
        ByteArrayOutputStream marked = new ByteArrayOutputStream();
        marked.write(jpeg, 0, 2);
        marked.write(segment);
        marked.write(jpeg, 2, jpeg.length - 2);
        return marked.toByteArray();
    }

    private static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        assertEquals(true, ImageIO.write(image, format, out));
        return out.toByteArray();
    }
}
